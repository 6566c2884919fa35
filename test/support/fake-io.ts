import { Readable, Writable } from 'node:stream';
import type { Io, Output } from '../../src/cli/io.ts';

export interface FakeIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
}

export interface FakeIoOptions {
  readonly cwd: string;
  readonly terminal?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A clock that stands still, or one that runs. */
  readonly now?: Date | (() => Date);
  readonly interruption?: AbortSignal;
  readonly stdin?: Readable;
}

/** Streams that keep what was written; no terminal unless asked for, colours off. */
export function fakeIo({
  cwd,
  terminal = false,
  env = {},
  now,
  interruption,
  stdin = Readable.from([]),
}: FakeIoOptions): FakeIo {
  const stdout = keep(terminal);
  const stderr = keep(terminal);
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin,
    stdinIsTerminal: terminal,
    env: { NO_COLOR: '1', ...env },
    cwd,
    now: () => (typeof now === 'function' ? now() : (now ?? new Date('2026-06-30T12:00:00Z'))),
    interruption: interruption ?? new AbortController().signal,
    out: stdout.text,
    err: stderr.text,
  };
}

function keep(isTTY: boolean): { stream: Output; text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => chunks.join('') };
}
