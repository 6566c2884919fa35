import { errorRegistry } from '../../errors/registry.ts';
import { type Problem, ScorelineError } from '../../errors/scoreline-error.ts';
import { oneLine } from './format.ts';
import type { Painter } from './painter.ts';
import { snakeKeys } from './snake-keys.ts';

/** A vendor may quote a whole row, or list every function it knows. */
const maxMessageLength = 1000;
const maxValueLength = 120;

/** What a person reads on stderr: what happened, each place, and the way out. Ends without a line break. */
export function renderError(error: unknown, paint: Painter): string {
  if (!(error instanceof ScorelineError)) return renderBug(error, paint);
  const lines = [`${paint.bad('error')} ${paint.dim(error.code)} ${message(error.message)}`];
  for (const problem of error.problems) lines.push('', ...renderProblem(problem, error, paint));
  if (error.problems.length > 0) lines.push('');
  lines.push(`${paint.strong('next:')} ${error.hint}`);
  return lines.join('\n');
}

/** What the error has said, or says at its end, is not said once more. */
function renderProblem(problem: Problem, error: ScorelineError, paint: Painter): string[] {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const lines = [`  ${paint.strong(place)}`];
  if (!error.message.includes(problem.message)) lines.push(`    ${message(problem.message)}`);
  if (problem.value !== undefined) lines.push(`    found: ${oneLine(problem.value, maxValueLength)}`);
  if (problem.hint !== undefined && problem.hint !== error.hint) lines.push(`    ${paint.dim(problem.hint)}`);
  return lines;
}

function message(text: string): string {
  return oneLine(text, maxMessageLength);
}

function renderBug(error: unknown, paint: Painter): string {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `${paint.bad('error')} ${paint.dim('INTERNAL')} This is a bug in Scoreline, not in your project.`,
    detail,
    `${paint.strong('next:')} Report it with the text above and the command you typed. Running the command again is safe.`,
  ].join('\n');
}

export interface ErrorJson {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly problems: readonly Problem[];
  readonly details?: unknown;
}

/** The `error` of the JSON object; undefined members are left out by JSON itself. */
export function errorAsJson(error: unknown): ErrorJson {
  if (!(error instanceof ScorelineError)) {
    return {
      code: 'INTERNAL',
      message: error instanceof Error ? error.message : String(error),
      hint: 'This is a bug in Scoreline: report it.',
      retryable: false,
      problems: [],
    };
  }
  const { code, message, hint, retryable, problems } = error;
  // One word for it, whether a whole run or one sync says it.
  const { retryAt, ...facts } = error.details;
  const details = retryAt === undefined ? facts : { ...facts, retryAfter: retryAt };
  return {
    code,
    message,
    hint,
    retryable,
    problems,
    ...(Object.keys(details).length > 0 && { details: snakeKeys(details) }),
  };
}

/** 1 for a bug, the registry's exit code for everything else. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ScorelineError ? errorRegistry[error.code].exitCode : 1;
}
