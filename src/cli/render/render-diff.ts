import type { RuleChange, ScoreDiff, ScoredRow } from '../../build/diff/score-diff.ts';
import type { DiffOutcome } from '../../operations/diff-model.ts';
import type { ForeseenSync } from '../../operations/foresee-syncs.ts';
import {
  countsInWords,
  type DiffView,
  instantInWords,
  score,
  syncInWords,
  syncNote,
  tierMatrix,
  tierName,
} from './diff-words.ts';
import { formatCount, oneLine } from './format.ts';
import { histogram } from './histogram.ts';
import type { Painter } from './painter.ts';
import { type Cell, renderTable } from './render-table.ts';

const maxReasons = 150;

/** Edited models beside the live ones, as an analyst reads them before anyone else sees a score. */
export function renderDiff(outcome: DiffOutcome, view: DiffView): string {
  const { paint } = view;
  const title = `Edited beside live, ${instantInWords(outcome, view)}`;
  return [
    title,
    ...outcome.models.map((model) => renderModel(model, outcome.asOf === outcome.liveAsOf, paint)),
    renderSyncs(outcome.syncs, paint),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function renderModel(diff: ScoreDiff, isSameInstant: boolean, paint: Painter): string {
  const [counts = '', ...more] = countsInWords(diff, isSameInstant);
  const head = [`${paint.strong(diff.model)}  ${counts}`, ...more.map((line) => `  ${line}`)].join('\n');
  const { changed, tierChanged, appeared, disappeared } = diff.rows;
  if (changed + tierChanged + appeared + disappeared === 0) return head;
  const parts = [
    head,
    diff.distribution.length === 0 ? '' : `  ${paint.strong('Scores')}\n${histogram(diff.distribution, '  ')}`,
    renderTiers(diff, paint),
    renderRules(diff.rules, paint),
    renderMoves(diff, paint),
    renderAlone('New rows', diff.appeared, appeared, paint),
    renderAlone('Rows that are gone', diff.disappeared, disappeared, paint),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderTiers(diff: ScoreDiff, paint: Painter): string {
  if (diff.rows.tierChanged === 0) return '';
  const { ends, rows } = tierMatrix(diff);
  const cells = rows.map(({ from, cells: counts }) => [
    tierName(from),
    ...counts.map((count, column) =>
      count === 0 ? null : ends[column] === from ? paint.dim(formatCount(count)) : formatCount(count),
    ),
  ]);
  return `  ${paint.strong('Tiers')}\n${renderTable(['from \\ to', ...ends.map(tierName)], cells)}`;
}

/** Rules whose points differ; those of a rule that one build does not have are missing there. */
function renderRules(rules: readonly RuleChange[], paint: Painter): string {
  const changed = rules.filter(({ before, after }) => before !== after);
  if (changed.length === 0) return '';
  const rows = changed.map(({ rule, before, after }): readonly Cell[] => [
    rule,
    before === null ? '(none)' : score(before),
    after === null ? '(none)' : score(after),
    signed((after ?? 0) - (before ?? 0)),
  ]);
  return `  ${paint.strong('Points of all rows')}\n${renderTable(['rule', 'before', 'after', 'change'], rows)}`;
}

function renderMoves({ moves, rows }: ScoreDiff, paint: Painter): string {
  if (moves.length === 0) return '';
  const lines = moves.map(({ key, before, after }) => {
    const tier =
      before.tier === after.tier ? tierName(after.tier) : `${tierName(before.tier)} → ${tierName(after.tier)}`;
    const change = after.score - before.score;
    const colour = change > 0 ? paint.good : paint.bad;
    const isSame = before.reasons === after.reasons;
    return [
      `  ${paint.strong(oneLine(key, 36))}  ${score(before.score)} → ${score(after.score)} (${colour(signed(change))})  ${tier}`,
      ...(isSame
        ? [`      ${reasons(after.reasons)}`]
        : [`      before  ${paint.dim(reasons(before.reasons))}`, `      after   ${reasons(after.reasons)}`]),
    ].join('\n');
  });
  const others = rows.changed - moves.length;
  const rest = others > 0 ? [paint.dim(`  and ${formatCount(others)} more`)] : [];
  return [`  ${paint.strong('Largest moves')}`, ...lines, ...rest].join('\n');
}

function renderAlone(title: string, examples: readonly ScoredRow[], count: number, paint: Painter): string {
  if (count === 0) return '';
  const rows = examples.map(({ key, score: points, tier }) => [oneLine(key, 36), score(points), tierName(tier)]);
  const others = count - examples.length;
  const rest = others > 0 ? `\n${paint.dim(`  and ${formatCount(others)} more`)}` : '';
  return `  ${paint.strong(title)}\n${renderTable(['key', 'score', 'tier'], rows)}${rest}`;
}

function renderSyncs(syncs: readonly ForeseenSync[], paint: Painter): string {
  if (syncs.length === 0) return '';
  const lines = syncs.flatMap((foreseen) => {
    const { sync, model, object, problems, lists } = foreseen;
    return [
      `  ${paint.strong(sync)}  ${model} → ${object}`,
      ...(foreseen.edited === null ? [] : [`      ${syncInWords(foreseen)}`]),
      ...problems.map(({ message }) => `      ${paint.bad('cannot run:')} ${message}`),
      ...lists.map(
        ({ list, added, removed }) =>
          `      list ${oneLine(list)}: ${formatCount(added)} join, ${formatCount(removed)} leave`,
      ),
    ];
  });
  return [paint.strong('What syncs would send'), ...lines, paint.dim(`  ${syncNote}`)].join('\n');
}

function reasons(text: string | null): string {
  return text === null || text === '' ? '(no reasons)' : oneLine(text, maxReasons);
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${score(value)}`;
}
