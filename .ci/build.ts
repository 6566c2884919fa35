// Makes dist/: compiled JavaScript and, beside it, every file of src/ that is no TypeScript (templates, plain JavaScript).
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
const compiler = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', 'src'], {
  cwd: root,
  stdio: 'inherit',
});
if (compiler.status !== 0) process.exit(compiler.status ?? 1);
cpSync(`${root}src`, `${root}dist`, {
  recursive: true,
  filter: (path) => statSync(path).isDirectory() || !/(\.ts|\/tsconfig\.json)$/.test(path),
});
