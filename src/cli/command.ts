import type { Options } from 'yargs';
import type { Session } from './session.ts';

/** One command of the command line. `run` gets the arguments as yargs parsed them and returns what to print. */
export interface Command {
  /** yargs' notation, positionals included: `run [syncs..]`. */
  readonly usage: string;
  readonly summary: string;
  readonly positionals?: Readonly<
    Record<string, { readonly describe: string; readonly array?: boolean; readonly defaultDescription?: string }>
  >;
  readonly options?: Readonly<Record<string, Options>>;
  /** Command line (without `scoreline`) and what it does; at least one. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** What a pipe gets without `--output`; default json. */
  readonly pipeGets?: 'text' | 'json';
  /** True where `--output markdown` is understood. */
  readonly hasMarkdown?: boolean;
  run(args: Arguments, session: Session): Promise<CommandResult>;
}

export type Arguments = Readonly<Record<string, unknown>>;

export interface CommandResult {
  /** For people on a terminal. */
  readonly text: string;
  /** For `--output markdown`, from commands that have it (`hasMarkdown`). */
  readonly markdown?: string;
  /** The command's own part of the JSON object; null where it printed its own (the sandbox). */
  readonly json: Readonly<Record<string, unknown>> | null;
  readonly warnings?: readonly string[];
  /** Set where the command did its work, or a part of it, and the outcome still is none to be silent about. */
  readonly error?: unknown;
}

/** `run [syncs..]` is `run`. */
export function nameOf({ usage }: Command): string {
  return usage.split(' ')[0] ?? usage;
}
