import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../src/cli/program.ts';
import { type FakeIoOptions, fakeIo } from './fake-io.ts';

const program = fileURLToPath(new URL('../../src/cli/scoreline.js', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** Splits at spaces; a part that has some itself is given as a list. */
type Line = string | readonly string[];

function wordsOf(line: Line): readonly string[] {
  return typeof line === 'string' ? line.split(' ').filter(Boolean) : line;
}

/** Runs a command line in this process, in a project's folder, on 1 February 2026 unless told otherwise. */
export async function scoreline(
  dir: string,
  line: Line,
  options: Partial<Omit<FakeIoOptions, 'cwd'>> = {},
): Promise<Ended> {
  const io = fakeIo({ cwd: dir, now: new Date('2026-02-01T12:00:00Z'), ...options });
  const exitCode = await runProgram(wordsOf(line), io);
  return { exitCode, out: io.out(), err: io.err() };
}

/** A command line in a process of its own. */
export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Resolves with what was printed so far as soon as it contains the words; rejects if the process ends before. */
  printed(words: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

export function startScoreline(
  dir: string,
  line: Line,
  {
    env = {},
    nodeOptions = [],
  }: { readonly env?: Record<string, string>; readonly nodeOptions?: readonly string[] } = {},
): Running {
  const child = spawn(process.execPath, [...nodeOptions, program, ...wordsOf(line)], {
    cwd: dir,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { out: '', err: '' };
  const hearers = new Set<() => void>();
  for (const [stream, name] of [
    [child.stdout, 'out'],
    [child.stderr, 'err'],
  ] as const) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk;
      for (const hear of hearers) hear();
    });
  }
  const ended = once(child, 'close').then(([exitCode]): Ended => ({ exitCode, ...printed }));
  return {
    child,
    ended,
    printed: (words) =>
      new Promise((resolve, reject) => {
        const hear = () => {
          if (`${printed.out}${printed.err}`.includes(words)) resolve();
        };
        hearers.add(hear);
        hear();
        ended.then(({ exitCode, err }) =>
          reject(new Error(`ended with ${exitCode} before it printed ${words}: ${err}`)),
        );
      }),
  };
}

/** Nothing that a person should not see: no stack, no path of a module. */
export const stackTrace = /\n\s+at |node:internal|file:\/\//;
