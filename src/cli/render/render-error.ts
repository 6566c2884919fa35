import { errorRegistry } from '../../errors/registry.ts';
import { type Problem, ScorelineError } from '../../errors/scoreline-error.ts';
import type { Painter } from './painter.ts';

/** What a person reads on stderr: what happened, each place, and the way out. Ends without a line break. */
export function renderError(error: unknown, paint: Painter): string {
  if (!(error instanceof ScorelineError)) return renderBug(error, paint);
  const lines = [`${paint.bad('error')} ${paint.dim(error.code)} ${error.message}`];
  for (const problem of error.problems) lines.push('', ...renderProblem(problem, paint));
  if (error.problems.length > 0) lines.push('');
  lines.push(`${paint.strong('next:')} ${error.hint}`);
  return lines.join('\n');
}

function renderProblem(problem: Problem, paint: Painter): string[] {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  const lines = [`  ${paint.strong(place)}`, `    ${problem.message.replaceAll('\n', '\n    ')}`];
  if (problem.value !== undefined) lines.push(`    found: ${shorten(problem.value)}`);
  if (problem.hint !== undefined) lines.push(`    ${paint.dim(problem.hint)}`);
  return lines;
}

function renderBug(error: unknown, paint: Painter): string {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `${paint.bad('error')} ${paint.dim('INTERNAL')} This is a bug in Scoreline, not in your project.`,
    detail,
    `${paint.strong('next:')} Report it with the text above and the command you typed. Running the command again is safe.`,
  ].join('\n');
}

/** The `error` of the JSON object; undefined members are left out by JSON itself. */
export function errorAsJson(error: unknown): Record<string, unknown> {
  if (!(error instanceof ScorelineError)) {
    return {
      code: 'INTERNAL',
      message: error instanceof Error ? error.message : String(error),
      hint: 'This is a bug in Scoreline: report it.',
      problems: [],
    };
  }
  const { code, message, hint, retryable, details } = error;
  const problems = error.problems.map(({ code: problemCode, ...rest }) => ({ code: problemCode, ...rest }));
  return { code, message, hint, retryable, problems, ...(Object.keys(details).length > 0 && { details }) };
}

/** 1 for a bug, the registry's exit code for everything else. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ScorelineError ? errorRegistry[error.code].exitCode : 1;
}

function shorten(value: string): string {
  const oneLine = value.replaceAll(/\s+/g, ' ').trim();
  return oneLine.length > 120 ? `${oneLine.slice(0, 117)}...` : oneLine;
}
