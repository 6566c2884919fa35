import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { DuckDbSettings } from '../../project/warehouse-types.ts';
import { duckDbOpenError } from './errors.ts';

export interface SharedInstance {
  readonly instance: DuckDBInstance;
  /** Gives up this use; the last one closes the file, which writes the log back into it and frees its lock. */
  release(): void;
}

interface OpenFile {
  readonly opening: Promise<DuckDBInstance>;
  users: number;
}

/**
 * One instance per file and process: DuckDB's lock keeps other processes out, but not a second instance of this one,
 * and two instances on one file destroy it.
 */
const openFiles = new Map<string, OpenFile>();

/**
 * Opens the file, or joins those who have it open in this process (whose memory limit and threads then hold). Makes the
 * file and its folder if they are missing.
 */
export async function shareInstance(settings: DuckDbSettings): Promise<SharedInstance> {
  const path = await realPathOf(settings.path);
  let file = openFiles.get(path);
  if (file === undefined) {
    file = { opening: openInstance(path, settings), users: 0 };
    openFiles.set(path, file);
  }
  const shared = file;
  shared.users += 1;
  const leave = () => {
    shared.users -= 1;
    if (shared.users === 0) openFiles.delete(path);
    return shared.users === 0;
  };
  try {
    const instance = await shared.opening;
    return {
      instance,
      release: () => {
        if (leave()) instance.closeSync();
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}

async function realPathOf(path: string): Promise<string> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true });
    return join(await realpath(folder), basename(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScorelineError('WAREHOUSE_UNREACHABLE', `The folder of ${path} cannot be made: ${reason}.`, {
      hint: 'Name another `path` in the target, or give this user the right to write there.',
      retryable: false,
      details: { path },
      cause,
    });
  }
}

async function openInstance(path: string, settings: DuckDbSettings): Promise<DuckDBInstance> {
  const config: Record<string, string> = { memory_limit: settings.memoryLimit };
  if (settings.threads !== undefined) config.threads = String(settings.threads);
  try {
    return await DuckDBInstance.create(path, config);
  } catch (cause) {
    throw duckDbOpenError(cause, path);
  }
}
