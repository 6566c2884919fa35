/** What the command line reads and writes; `main` hands in the process's own, tests hand in theirs. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdinIsTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths on the command line start here. */
  readonly cwd: string;
  now(): Date;
  /** Aborts when the user or the scheduler asks to stop. */
  readonly interruption: AbortSignal;
}

export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
