import type { Readable, Writable } from 'node:stream';

/** What the command line reads and writes; `main` hands in the process's own, tests hand in theirs. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdinIsTerminal: boolean;
  /** Where answers to questions come from. */
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths on the command line start here. */
  readonly cwd: string;
  now(): Date;
  /** Aborts when the user or the scheduler asks to stop. */
  readonly interruption: AbortSignal;
}

export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };
