import { type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import type { StatementOptions } from './port.ts';

/** What an adapter learnt from its vendor's error. */
export interface Refusal {
  /** The vendor's own words, without the excerpt of the statement. */
  readonly message: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly cause: unknown;
  readonly excerpt?: Excerpt;
}

/** The line of the statement that the vendor complains about. */
export interface Excerpt {
  readonly text: string;
  /** From 1. */
  readonly column?: number;
  /** The name that stands there, if it is one of letters, digits and underscores. */
  readonly word?: string;
}

/**
 * Makes the one error of a refused statement (WAREHOUSE_REFUSED). Where the statement came from a project's file, the
 * error has one problem with the file's name and the best place known. A statement is rendered from a template, or made
 * from a scorecard, so positions in it are not positions in the file: the place is that of the excerpt's line, of what
 * stands before its column, or of its word, whichever stands once in the file's text, and else the line where it starts.
 */
export function refusalError(vendor: string, refusal: Refusal, options: StatementOptions | undefined): ScorelineError {
  const purpose = options?.purpose;
  const message =
    purpose === undefined
      ? `${vendor} refused a statement: ${refusal.message}`
      : `Cannot ${purpose}: ${vendor} says: ${refusal.message}`;
  const shared = { hint: refusal.hint, retryable: refusal.retryable, cause: refusal.cause };
  const origin = options?.origin;
  if (origin === undefined) {
    const details = refusal.excerpt === undefined ? {} : { excerpt: excerptInShort(refusal.excerpt) };
    return new ScorelineError('WAREHOUSE_REFUSED', message, { ...shared, details });
  }
  const { written, ...place } = positionOf(refusal.excerpt, origin);
  const problem: Problem = {
    code: 'WAREHOUSE_REFUSED',
    file: origin.file,
    ...place,
    value: refusal.excerpt && excerptInShort({ ...refusal.excerpt, text: written ?? refusal.excerpt.text }),
    message: refusal.message,
    hint: refusal.hint,
  };
  return new ScorelineError('WAREHOUSE_REFUSED', message, { ...shared, problems: [problem] });
}

/** Lines of generated SQL can be long. */
const maxValueLength = 100;

function excerptInShort({ text, word }: Excerpt): string {
  const line = text.trim();
  return word ?? (line.length > maxValueLength ? `${line.slice(0, maxValueLength)}…` : line);
}

interface Place {
  readonly line: number;
  readonly column?: number;
  /** The line as the file has it. */
  readonly written?: string;
}

function positionOf(excerpt: Excerpt | undefined, origin: NonNullable<StatementOptions['origin']>): Place {
  const start = { line: origin.line };
  if (excerpt === undefined || origin.text === undefined) return start;
  const lines = origin.text.split('\n');
  const place = placeOfLine(excerpt, lines) ?? placeOfStart(excerpt, lines) ?? placeOfWord(excerpt, lines);
  return place === undefined ? start : { ...place, line: origin.line + place.line };
}

/** Lines count from 0 here. */
function placeOfLine({ text, column }: Excerpt, lines: readonly string[]): Place | undefined {
  const wanted = text.trim();
  const found = lines.flatMap((line, index) => (line.trim() === wanted ? [{ line, index }] : []));
  const [only] = found;
  if (only === undefined || found.length > 1) return undefined;
  return { line: only.index, column: column === undefined ? undefined : column - indentOf(text) + indentOf(only.line) };
}

/** A line that a template call changed, further on than what is wrong. */
function placeOfStart({ text, column, word = '' }: Excerpt, lines: readonly string[]): Place | undefined {
  if (column === undefined) return undefined;
  const start = text.slice(0, column - 1 + Math.max(1, word.length)).trimStart();
  const found = lines.flatMap((line, index) => (line.trimStart().startsWith(start) ? [{ line, index }] : []));
  const [only] = found;
  if (only === undefined || found.length > 1) return undefined;
  return { line: only.index, column: column - indentOf(text) + indentOf(only.line), written: only.line };
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function placeOfWord({ word }: Excerpt, lines: readonly string[]): Place | undefined {
  if (word === undefined || !/^[\p{L}\p{N}_]+$/u.test(word)) return undefined;
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])${word}(?![\\p{L}\\p{N}_])`, 'gu');
  const found = lines.flatMap((line, index) =>
    [...line.matchAll(pattern)].map((match) => ({ line: index, column: match.index + 1 })),
  );
  const [only] = found;
  return found.length === 1 ? only : undefined;
}
