import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import type { ProblemSink } from '../problem-sink.ts';

export interface TextFileRequest {
  /** Absolute. */
  readonly path: string;
  /** Relative to the project, as messages name it. */
  readonly name: string;
  readonly report: ProblemSink;
}

/** Reads a UTF-8 file, with or without a byte order mark. @returns null where it cannot; `report` then knows why */
export function readTextFile({ path, name, report }: TextFileRequest): string | null {
  const refuse = (message: string, place: { readonly line?: number; readonly hint?: string } = {}) => {
    report({ code: 'CONFIG_INVALID', file: name, message, ...place });
    return null;
  };
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    return refuse(`the file cannot be read: ${systemReason(cause)}`);
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refuse('the file is UTF-16: expected UTF-8', { line: 1, hint: 'Save it as UTF-8.' });
  }
  if (!isUtf8(bytes)) {
    return refuse('the file is not UTF-8 text', { line: firstBrokenLine(bytes), hint: 'Save it as UTF-8.' });
  }
  return new TextDecoder().decode(bytes);
}

/** Whether nothing stands at the path; what cannot be looked at is not missing, and reading it says why. */
export function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** What the operating system says, in words and without the path, which the message names already. */
export function systemReason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a part of its path is a file, not a folder';
    case undefined:
      throw cause;
    default:
      return code;
  }
}

/** No byte of a longer UTF-8 sequence equals a line feed, so lines can be judged one by one. */
function firstBrokenLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end === -1 ? bytes.length : end;
    if (!isUtf8(bytes.subarray(start, stop))) return line;
    start = stop + 1;
  }
  return line;
}
