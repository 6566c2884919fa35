import type { ExplainedInput, ModelExplanation } from '../../build/explain-model.ts';
import type { ExplainedScore } from '../../operations/explain-score.ts';
import type { ExplainedVerdict } from '../../scoring/explain-verdict.ts';
import { oneLine } from './format.ts';
import { formatInstant } from './format-instant.ts';
import { cardLines, type ExplanationView, silentLines } from './render-card.ts';
import { outlookLines } from './render-outlook.ts';
import { verdictLines } from './render-verdict.ts';
import { points, sumLine } from './sum-line.ts';

/** A sum as one would write it by hand: rules, groups, base, range, score; of a combination, that of each input first. */
export function renderExplanation(explained: ExplainedScore, view: ExplanationView): string {
  const { model, entity, key, asOf } = explained;
  const { paint, timeZone } = view;
  const when = `as of ${formatInstant(asOf, timeZone)} ${timeZone}`;
  const title = `${entity} ${paint.strong(oneLine(key, 60))}: ${model} ${paint.strong(points(explained.score))}${standing(explained)}   ${paint.dim(when)}`;
  return [title, '', ...bodyLines(explained, view), ...outlookLines(explained, view), ...footer(explained, view)].join(
    '\n',
  );
}

/** `, hot, B1` */
function standing(explained: ModelExplanation): string {
  const grade = explained.kind === 'combine' ? explained.grade : null;
  return [explained.tier, grade].map((each) => (each === null ? '' : `, ${each}`)).join('');
}

function bodyLines(explained: ModelExplanation, view: ExplanationView): readonly string[] {
  switch (explained.kind) {
    case 'scorecard': {
      return [...cardLines(explained, view), ...scoreLines(explained, 'score', view)];
    }
    case 'combine': {
      const inputs = explained.inputs.flatMap((input) => [...inputLines(input, view), '']);
      return [...inputs, ...scoreLines(explained, `score = ${oneLine(explained.expression, 40)}`, view)];
    }
    default:
      return explained satisfies never;
  }
}

function footer(explained: ModelExplanation, view: ExplanationView): readonly string[] {
  const silent = explained.kind === 'scorecard' ? silentLines(explained, view) : [];
  return silent.length === 0 ? [] : ['', ...silent];
}

function inputLines({ name, model, entity, key, score, explanation }: ExplainedInput, view: ExplanationView) {
  const { paint } = view;
  const from = key === null ? `${model}: no ${entity}` : `${model} of ${entity} ${oneLine(key, 40)}`;
  const tier = explanation === null ? '' : standing(explanation).replace(/^, /, '');
  const body = explanation === null ? [] : bodyLines(explanation, view).map((line) => (line === '' ? '' : `  ${line}`));
  return [sumLine(`${paint.strong(name)} ${paint.dim(from)}`, score, tier, paint), ...body];
}

function scoreLines(explained: ModelExplanation, label: string, view: ExplanationView): readonly string[] {
  const { paint } = view;
  const computed = sumLine(paint.strong(label), explained.computedScore, scoreNote(explained), paint);
  return [computed, ...verdictLines(explained, view)];
}

function scoreNote({ total, computedScore, range, round }: ExplainedVerdict & { readonly total: number }): string {
  // A difference that the figures shown do not have would only puzzle.
  if (points(total) === points(computedScore)) return '';
  const outside = range !== null && (total < range.min || total > range.max);
  if (outside) return `${points(total)} before the range ${points(range.min)} to ${points(range.max)}`;
  return `${points(total)} before rounding${round === 'none' ? '' : ` to ${round}`}`;
}
