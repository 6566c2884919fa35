import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Account } from '../account/account.ts';
import type { Change } from '../account/change.ts';
import { lockFile } from './file-lock.ts';
import { replay, stateFormat, stateVersion } from './read-changes.ts';
import { snapshotOf } from './snapshot.ts';

/**
 * An account kept in a file: a header and one change a line. Every change is appended before the request that made it
 * is answered, so whatever HubSpot's client was told is in the file even if the process is killed; after a power cut
 * the last seconds may be missing, since appending does not wait for the disk. `save` writes the account anew into a
 * second file and renames it over the first, so that the file is whole at any moment.
 */
export class StateFile {
  readonly path: string;
  readonly #unlock: () => void;
  #file: number;
  #pending: string[] = [];
  #appended = 0;
  #kept = 0;

  private constructor(path: string, unlock: () => void, file: number) {
    this.path = path;
    this.#unlock = unlock;
    this.#file = file;
  }

  /**
   * Loads the file into the account, or begins one with it.
   * @throws ScorelineError RUN_BUSY if another sandbox has the file, STATE_SANDBOX_FILE, STATE_VERSION
   */
  static open(path: string, account: Account): StateFile {
    try {
      mkdirSync(dirname(path), { recursive: true });
      const unlock = lockFile(path);
      try {
        // An empty file is one whose first writing was interrupted.
        const isNew = !existsSync(path) || statSync(path).size === 0;
        const kept = isNew ? 0 : replay(path, account);
        const state = new StateFile(path, unlock, openSync(path, 'a+'));
        if (isNew) state.save(account);
        else dropTornLine(state.#file);
        state.#kept = kept;
        return state;
      } catch (error) {
        unlock();
        throw error;
      }
    } catch (cause) {
      if (cause instanceof ScorelineError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ScorelineError('STATE_SANDBOX_FILE', `The sandbox cannot use the file ${path}: ${why}.`, { cause });
    }
  }

  append(change: Change): void {
    this.#pending.push(JSON.stringify(change));
  }

  /** Writes what was appended. Rewrites the file once the changes in it outnumber what is left of them. */
  flush(account: Account): void {
    if (this.#pending.length === 0) return;
    this.#appended += this.#pending.length;
    appendFileSync(this.#file, `${this.#pending.join('\n')}\n`);
    this.#pending = [];
    if (this.#appended > Math.max(minAppendedBeforeRewrite, this.#kept * 2)) this.save(account);
  }

  save(account: Account): void {
    this.#pending = [];
    const temporary = `${this.path}.new`;
    const file = openSync(temporary, 'w');
    let kept = 0;
    let lines = [JSON.stringify({ format: stateFormat, version: stateVersion })];
    for (const change of snapshotOf(account)) {
      lines.push(JSON.stringify(change));
      kept += 1;
      if (lines.length < linesPerWrite) continue;
      appendFileSync(file, `${lines.join('\n')}\n`);
      lines = [];
    }
    if (lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`);
    fsyncSync(file);
    closeSync(file);
    renameSync(temporary, this.path);
    closeSync(this.#file);
    this.#file = openSync(this.path, 'a+');
    this.#kept = kept;
    this.#appended = 0;
  }

  close(account: Account): void {
    this.save(account);
    closeSync(this.#file);
    this.#unlock();
  }
}

const minAppendedBeforeRewrite = 200_000;
const linesPerWrite = 1_000;

/** What comes next must not be glued to half a line. */
function dropTornLine(file: number): void {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  let end = size;
  while (end > 0) {
    readSync(file, last, 0, 1, end - 1);
    if (last.toString() === '\n') break;
    end -= 1;
  }
  if (end < size) ftruncateSync(file, end);
}
