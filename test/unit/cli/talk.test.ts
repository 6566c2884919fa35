import { describe, expect, test } from 'vitest';
import type { GlobalOptions } from '../../../src/cli/global-options.ts';
import { openTalk } from '../../../src/cli/talk.ts';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import type { LogEntry } from '../../../src/operations/report.ts';
import { fakeIo } from '../../support/fake-io.ts';

const step: LogEntry = {
  level: 'debug',
  event: 'rows_sent',
  message: '5 of 10',
  passing: true,
  progress: { done: 5, total: 10 },
};
const detail: LogEntry = { level: 'debug', event: 'call', message: 'GET /' };
const fact: LogEntry = { level: 'info', event: 'built', message: 'built it' };
const warning: LogEntry = { level: 'warn', event: 'odd', message: 'look out' };

async function told(
  options: Partial<GlobalOptions> & { readonly terminal?: boolean },
  entries: readonly LogEntry[] = [step, detail, fact, warning],
): Promise<string> {
  const io = fakeIo({ cwd: '/', terminal: options.terminal ?? false });
  const talk = await openTalk(
    io,
    { projectDir: '.', param: [], yes: false, logLevel: 'info', logFormat: 'text', ...options },
    'run',
    'run-1',
  );
  for (const entry of entries) talk.report(entry);
  talk.end();
  return io.err();
}

const gone = '\r\u001b[2K';

describe('talk', () => {
  test('on a terminal shows a step until the next entry comes', async () => {
    expect(await told({ terminal: true })).toBe(
      `${gone}████████████░░░░░░░░░░░░  50% 5 of 10${gone}built it\nwarning: look out\n`,
    );
    expect((await told({ terminal: true }, [step])).endsWith(`5 of 10${gone}`)).toBe(true);
  });

  test('on a terminal never draws a step over more than one line', async () => {
    const text = await told({ terminal: true }, [{ ...step, message: 'x'.repeat(500) }]);
    expect(text.replaceAll(gone, '').length).toBe(79);
  });

  test('in a log has what the level asks for', async () => {
    expect(await told({})).toBe('built it\nwarning: look out\n');
    expect(await told({ logLevel: 'debug' })).toBe('5 of 10\nGET /\nbuilt it\nwarning: look out\n');
    expect(await told({ logLevel: 'warn' })).toBe('warning: look out\n');
    expect(await told({ logLevel: 'error' })).toBe('');
  });

  test('on a terminal at the level debug keeps every entry, and at warn shows no steps', async () => {
    expect(await told({ terminal: true, logLevel: 'debug' })).toBe('5 of 10\nGET /\nbuilt it\nwarning: look out\n');
    expect(await told({ terminal: true, logLevel: 'warn' })).toBe('warning: look out\n');
  });

  test('as JSON is one object a line, also for how the command failed, whatever the level', async () => {
    const io = fakeIo({ cwd: '/' });
    const options = { projectDir: '.', param: [], yes: false, logLevel: 'error', logFormat: 'json' } as const;
    const talk = await openTalk(io, options, 'run', 'run-1');
    talk.report(fact);
    talk.fail(new ScorelineError('RUN_BUSY', 'in use', { details: { processId: 7 } }));
    talk.fail(new TypeError('oops'));
    const lines = io.err().trim().split('\n');
    const [busy, bug] = lines.map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2);
    expect(busy).toMatchObject({
      level: 'error',
      command: 'run',
      run_id: 'run-1',
      event: 'failed',
      exit_code: 8,
      code: 'RUN_BUSY',
      message: 'in use',
      details: { process_id: 7 },
    });
    expect(bug).toMatchObject({
      exit_code: 1,
      code: 'INTERNAL',
      message: 'oops',
      stack: expect.stringContaining('TypeError'),
    });
  });
});
