import { describe, expect, test } from 'vitest';
import { commands, plannedCommands } from '../../../src/cli/commands/index.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { parseParams } from '../../../src/cli/session.ts';
import { fakeIo } from '../../support/fake-io.ts';

async function type(line: string, options: { terminal?: boolean } = {}) {
  const io = fakeIo({ cwd: '/', ...options });
  const exitCode = await runProgram(line.split(' ').filter(Boolean), io);
  return { exitCode, out: io.out(), err: io.err() };
}

describe('the command line', () => {
  test('lists every command in --help and exits 0', async () => {
    const { exitCode, out, err } = await type('--help');
    expect(exitCode).toBe(0);
    for (const { usage } of commands) expect(out).toContain(usage.split(' ')[0]);
    expect(err).toBe('');
  });

  test.each(commands.map((command) => [command.usage.split(' ')[0], command] as const))(
    'shows examples in `%s --help`',
    async (name, command) => {
      const { exitCode, out } = await type(`${name} --help`);
      expect(exitCode).toBe(0);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const [line] of command.examples) expect(out).toContain(`scoreline ${line}`);
      expect(out).toContain('--project-dir');
    },
  );

  test('refuses an unknown command with exit 2 and a suggestion', async () => {
    const { exitCode, err } = await type('rnu', { terminal: true });
    expect(exitCode).toBe(2);
    expect(err).toContain('run');
    expect(err).toContain('next:');
  });

  test.each(plannedCommands)('refuses the planned command %s by name with exit 2', async (name) => {
    const { exitCode, err } = await type(name);
    expect(exitCode).toBe(2);
    expect(err).toContain(`"${name}" is not supported yet`);
  });

  test.each(['', 'run --nonsense', 'compile', 'run --output xml', 'run --log-level loud', 'sandbox --port many'])(
    'refuses `%s` with exit 2 and no stack trace',
    async (line) => {
      const { exitCode, err } = await type(line);
      expect(exitCode).toBe(2);
      expect(err).toContain('USAGE_INVALID');
      expect(err).not.toMatch(/\n\s+at /);
    },
  );

  test('prints one JSON object with the error where stdout is a pipe', async () => {
    const { out } = await type('run --nonsense');
    expect(JSON.parse(out)).toMatchObject({
      schema_version: 1,
      ok: false,
      command: 'run',
      error: { code: 'USAGE_INVALID' },
    });
  });

  test('prints nothing on stdout where a terminal sees the error', async () => {
    const { out } = await type('run --nonsense', { terminal: true });
    expect(out).toBe('');
  });
});

describe('--param', () => {
  test('splits at the first equals sign', () => {
    expect(parseParams(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
  });

  test.each([[['a']], [['=1']], [['a=1', 'a=2']]])('refuses %j', (written) => {
    expect(() => parseParams(written)).toThrow(/--param/);
  });
});
