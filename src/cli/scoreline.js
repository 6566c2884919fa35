#!/usr/bin/env node
// Plain JavaScript on purpose: an old Node must be able to parse this file, to say what is wrong with it.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `scoreline needs Node 22.18 or later; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer Node, or in a checkout of Scoreline use `npm run --silent scoreline -- ...`, which brings its own.\n',
  );
  process.exit(1);
}

const compiled = new URL('./main.js', import.meta.url);
const inCheckout = !existsSync(compiled);
// npm runs a package's scripts in the package's folder and keeps the folder where the user typed in INIT_CWD.
if (inCheckout && process.env.npm_lifecycle_event === 'scoreline' && process.env.INIT_CWD) {
  process.chdir(process.env.INIT_CWD);
}
const { main } = await import(inCheckout ? './main.ts' : compiled.href);
await main();
