import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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
  readonly child: ChildProcess;
  /** Printed so far, on both streams. */
  output(): string;
  /** Resolves as soon as the words were printed; rejects if the process ends before. */
  printed(words: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface StartOptions {
  /** Beside PATH and HOME. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly nodeOptions?: readonly string[];
  /** A file descriptor in place of the pipe. */
  readonly stdout?: number;
}

export function startScoreline(dir: string, line: Line, options: StartOptions = {}): Running {
  const { env = {}, nodeOptions = [], stdout = 'pipe' } = options;
  const child = spawn(process.execPath, [...nodeOptions, program, ...wordsOf(line)], {
    cwd: dir,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', stdout, 'pipe'],
  });
  const printed = { out: '', err: '' };
  const hearers = new Set<() => void>();
  for (const [stream, name] of [
    [child.stdout, 'out'],
    [child.stderr, 'err'],
  ] as const) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk;
      for (const hear of hearers) hear();
    });
  }
  const ended = once(child, 'close').then(([exitCode]): Ended => ({ exitCode, ...printed }));
  const output = () => printed.out + printed.err;
  return {
    child,
    output,
    ended,
    printed: (words) =>
      new Promise((resolve, reject) => {
        const hear = () => {
          if (output().includes(words)) resolve();
        };
        hearers.add(hear);
        hear();
        ended.then(({ exitCode }) =>
          reject(new Error(`ended with ${exitCode} before it printed ${words}: ${output()}`)),
        );
      }),
  };
}

/** Nothing that a person should not see: no stack, no path of a module. */
export const stackTrace = /\n\s+at |node:internal|file:\/\//;
