import { resolve } from 'node:path';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { newRunId } from '../operations/run-id.ts';
import type { Workspace } from '../operations/workspace.ts';
import { type Spending, togetherSpent } from '../warehouse/metered-warehouse.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { openTalk, type Talk } from './talk.ts';

/** What every command gets: the streams, the options that all share, and the project, read when first asked for. */
export interface Session {
  readonly io: Io;
  readonly options: GlobalOptions;
  readonly talk: Talk;
  readonly runId: string;
  /** What the warehouse did so far for this command; null where none was asked. */
  spent(): Spending | null;
  /** Absolute path of a file or folder named on the command line. */
  path(written: string): string;
  /** @param named replaces what the command line says of target and instant */
  workspace(named?: { readonly target: string; readonly asOf: string }): Promise<Workspace>;
}

export async function openSession(io: Io, options: GlobalOptions, command: string): Promise<Session> {
  const startedAt = io.now();
  const runId = newRunId(startedAt);
  const talk = await openTalk(io, options, command, runId);
  let spent: Spending | null = null;
  const path = (written: string) => resolve(io.cwd, written);
  return {
    io,
    options,
    talk,
    runId,
    spent: () => spent,
    path,
    workspace: async (named) => {
      // Loaded here so that `--help` and a wrong command line answer at once.
      const [{ openWorkspace }, { adapters }, { parseWait }] = await Promise.all([
        import('../operations/workspace.ts'),
        import('./adapters.ts'),
        import('./parse-wait.ts'),
      ]);
      return openWorkspace({
        projectDir: path(options.projectDir),
        target: named?.target ?? options.target,
        asOf: named?.asOf ?? options.asOf,
        params: parseParams(options.param),
        env: io.env,
        startedAt,
        now: io.now,
        runId,
        adapters,
        report: talk.report,
        signal: io.interruption,
        waitMs: parseWait(options.wait),
        onSpent: (more) => {
          spent = spent === null ? more : togetherSpent(spent, more);
        },
      });
    },
  };
}

/** @throws USAGE_INVALID for what is not `name=value`, and for a name given twice */
export function parseParams(written: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const text of written) {
    const at = text.indexOf('=');
    const name = text.slice(0, at);
    if (at < 1) {
      throw new ScorelineError('USAGE_INVALID', `--param "${text}" is not name=value`, {
        hint: 'Example: --param half_life=7d',
      });
    }
    if (name in params) throw new ScorelineError('USAGE_INVALID', `--param ${name} is given twice`);
    params[name] = text.slice(at + 1);
  }
  return params;
}
