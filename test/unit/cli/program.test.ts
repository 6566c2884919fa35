import { describe, expect, test } from 'vitest';
import { nameOf } from '../../../src/cli/command.ts';
import { commandWord } from '../../../src/cli/command-word.ts';
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
  test.each(['--help', '-h'])('lists every command in %s and exits 0', async (line) => {
    const { exitCode, out, err } = await type(line);
    expect(exitCode).toBe(0);
    for (const command of commands) expect(out).toContain(`scoreline ${nameOf(command)}`);
    expect(err).toBe('');
  });

  test.each(commands.map((command) => [nameOf(command), command] as const))(
    'shows examples in `%s --help`',
    async (name, command) => {
      const { exitCode, out } = await type(`${name} --help`);
      expect(exitCode).toBe(0);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const [line] of command.examples) expect(out).toContain(`scoreline ${line}`);
      expect(out).toContain('--project-dir');
      expect(out.split('\n').every((line) => line.length <= 100)).toBe(true);
    },
  );

  test('shows the version', async () => {
    expect((await type('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    ['', 'A command is missing', 'scoreline init my-project'],
    ['rnu', 'There is no command "rnu"', 'Did you mean `run`?'],
    ['--target prod rnu', 'There is no command "rnu"', 'Did you mean `run`?'],
    ['frobnicate --help', 'There is no command "frobnicate"', 'init, check'],
    ['run --nonsense', 'There is no option --nonsense', 'scoreline run --help'],
    ['run --prject-dir x', 'There is no option --prject-dir', 'Did you mean `--project-dir`?'],
    ['run --asof=2026-01-01', 'There is no option --asof', 'Did you mean `--as-of`?'],
    ['run -x', 'There is no option -x', 'scoreline run --help'],
    ['compile', 'Something is missing: scoreline compile <model>', 'scoreline compile lead_score'],
    ['explain lead_score', 'Something is missing: scoreline explain <model> <key>', 'scoreline explain lead_score'],
    ['compile a b', '"b" is one word too many: scoreline compile <model>', 'scoreline compile --help'],
    ['run --target', '--target needs a value', 'scoreline run --help'],
    ['run --param', '--param needs a value', 'scoreline run --help'],
    ['run --output xml', '--output must be one of "table", "json", "markdown", not "xml"', 'scoreline run --help'],
    ['run --log-level loud', '--log-level must be one of "error", "warn", "info", "debug"', 'scoreline run --help'],
    ['run --target a --target b', '--target is given twice', 'Give it once'],
    ['sandbox --port 1 --port 2', '--port is given twice', 'Give it once'],
  ])('refuses `%s` with exit 2: %s', async (line, message, hint) => {
    const { exitCode, err } = await type(line, { terminal: true });
    expect(exitCode).toBe(2);
    expect(err).toContain(`error USAGE_INVALID ${message}`);
    expect(err).toMatch(/\nnext: /);
    expect(err).toContain(hint);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test.each(plannedCommands)(
    'refuses the planned command %s by name with exit 2, whatever stands around it',
    async (name) => {
      for (const line of [name, `--log-level debug ${name} some --thing`]) {
        const { exitCode, err } = await type(line);
        expect(exitCode).toBe(2);
        expect(err).toContain(`"${name}" is not supported yet`);
      }
    },
  );

  test.each([
    ['run --nonsense', 'run'],
    ['--output json run --nonsense', 'run'],
    ['rnu', null],
    ['--nonsense', null],
  ])('prints one JSON object with the error of `%s` where stdout is a pipe', async (line, command) => {
    const { out } = await type(line);
    const error = { code: 'USAGE_INVALID', retryable: false, problems: [] };
    expect(JSON.parse(out)).toMatchObject({ schema_version: 1, ok: false, command, run_id: null, warnings: [], error });
  });

  test('prints nothing on stdout where a terminal, or a pipe that wants SQL, sees the error', async () => {
    expect((await type('run --nonsense', { terminal: true })).out).toBe('');
    expect((await type('compile')).out).toBe('');
    expect(JSON.parse((await type('compile --output=json')).out).error.code).toBe('USAGE_INVALID');
  });
});

describe('the word of the command', () => {
  test.each([
    ['run contacts', 'run'],
    ['--target prod run', 'run'],
    ['--target=prod run', 'run'],
    ['--yes run', 'run'],
    ['--param a=1 --param b=2 explain x', 'explain'],
    ['--events 3 explain x', 'explain'],
    ['--help', null],
    ['', null],
    ['--target', null],
  ])('of `%s` is %s', (line, word) => {
    expect(commandWord(line.split(' ').filter(Boolean))).toBe(word);
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
