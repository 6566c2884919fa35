import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Account } from '../account/account.ts';
import type { Change } from '../account/change.ts';

export const stateFormat = 'scoreline-sandbox';
export const stateVersion = 1;

/**
 * Replays a state file onto a new account. A last line without an end, as a killed process leaves it, is passed over.
 * @returns how many changes were replayed
 * @throws ScorelineError STATE_SANDBOX_FILE, or STATE_VERSION for a file of a newer version
 */
export function replay(path: string, account: Account): number {
  let line = 0;
  for (const text of linesOf(path)) {
    line += 1;
    if (line === 1) checkHeader(path, text);
    else replayLine(path, line, text, account);
  }
  if (line === 0) throw invalid(path, 'it has no whole line');
  return line - 1;
}

function checkHeader(path: string, text: string): void {
  const header = parse(text);
  if (header?.format !== stateFormat) throw invalid(path, 'line 1 is not the header of one');
  if (header.version !== stateVersion) {
    const message = `${path} was made by another version of Scoreline (file version ${String(header.version)}, expected ${stateVersion}).`;
    throw new ScorelineError('STATE_VERSION', message);
  }
}

function replayLine(path: string, line: number, text: string, account: Account): void {
  const change = parse(text);
  if (change === undefined) throw invalid(path, `line ${line} is no JSON object`);
  try {
    account.apply(change as unknown as Change);
  } catch (cause) {
    throw invalid(path, `line ${line} does not follow from the lines before`, cause);
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function invalid(path: string, why: string, cause?: unknown): ScorelineError {
  return new ScorelineError('STATE_SANDBOX_FILE', `${path} is not a file of the sandbox: ${why}.`, { cause });
}

/** Read in pieces: a file of a million records is longer than a text may be. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.alloc(1 << 20);
    let rest = '';
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const lines = (rest + decoder.write(buffer.subarray(0, length))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
}
