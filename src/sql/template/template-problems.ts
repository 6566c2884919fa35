import type { Problem } from '../../errors/scoreline-error.ts';
import type { TemplateText } from '../types.ts';

/** Offsets are those of the template. */
export interface TemplateProblem {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string;
}

/** Longer values are cut: the place says where the rest is. */
const maxValueLength = 80;

/**
 * Reports problems at the lines and columns of their file, in the order of the template, each once: a call in a loop fails
 * as often as it runs.
 */
export function reportProblems(
  template: TemplateText,
  problems: readonly TemplateProblem[],
  report: (problem: Problem) => void,
): void {
  const reported = new Set<string>();
  for (const problem of problems.toSorted((a, b) => a.start - b.start)) {
    const key = `${problem.start} ${problem.message}`;
    if (!reported.has(key)) report(inFile(problem, template));
    reported.add(key);
  }
}

function inFile({ start, end, message, hint }: TemplateProblem, template: TemplateText): Problem {
  const before = template.text.slice(0, start).split('\n');
  const value = template.text.slice(start, end).trim().replace(/\n.*/s, ' …');
  return {
    code: 'MODEL_INVALID',
    file: template.file,
    ...placeIn(template, before.length, (before.at(-1) ?? '').length + 1),
    ...(value === '' ? {} : { value: value.length > maxValueLength ? `${value.slice(0, maxValueLength)}…` : value }),
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** A line and column of the template as those of its file. */
function placeIn({ at }: TemplateText, line: number, column: number): Pick<Problem, 'line' | 'column'> {
  if (line === 1) return { line: at.line, column: at.column + column - 1 };
  // Further lines of a text in YAML are indented by an amount that is not known here.
  return at.column === 1 ? { line: at.line + line - 1, column } : { line: at.line + line - 1 };
}
