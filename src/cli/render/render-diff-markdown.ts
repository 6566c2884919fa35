import type { RuleChange, ScoreAndReasons, ScoreDiff } from '../../build/diff/score-diff.ts';
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
import { formatCount } from './format.ts';
import { histogram } from './histogram.ts';
import { escaped, folded, plain, table } from './markdown-text.ts';

/** A comparison for a pull request: the picture and the tiers first, who moves folded away. */
export function renderDiffMarkdown(outcome: DiffOutcome, view: DiffView): string {
  const title = `**Scoreline diff** of edited models and the live ones, ${escaped(instantInWords(outcome, view))}`;
  return [
    title,
    ...outcome.models.map((diff) => renderModel(diff, outcome.asOf === outcome.liveAsOf)),
    renderSyncs(outcome.syncs),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function renderModel(diff: ScoreDiff, isSameInstant: boolean): string {
  const head = [`### ${plain(diff.model)}`, countsInWords(diff, isSameInstant).map(escaped).join('\n\n')];
  const { changed, tierChanged, appeared, disappeared } = diff.rows;
  if (changed + tierChanged + appeared + disappeared === 0) return head.join('\n\n');
  const parts = [
    ...head,
    diff.distribution.length === 0 ? '' : `\`\`\`text\n${histogram(diff.distribution, '')}\n\`\`\``,
    renderTiers(diff),
    renderRules(diff.rules),
    renderMoves(diff),
    renderAlone('New rows', diff.appeared, appeared),
    renderAlone('Rows that are gone', diff.disappeared, disappeared),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderTiers(diff: ScoreDiff): string {
  if (diff.rows.tierChanged === 0) return '';
  const { ends, rows } = tierMatrix(diff);
  return table(
    ['from, to', ...ends.map(tierName)],
    rows.map(({ from, cells }) => [tierName(from), ...cells.map((count) => (count === 0 ? '' : formatCount(count)))]),
  );
}

function renderRules(rules: readonly RuleChange[]): string {
  const changed = rules.filter(({ before, after }) => before !== after);
  if (changed.length === 0) return '';
  const points = (value: number | null) => (value === null ? '(none)' : score(value));
  const rows = changed.map(({ rule, before, after }) => [rule, points(before), points(after)]);
  return folded('Points of all rows', table(['rule', 'before', 'after'], rows));
}

function renderMoves({ moves }: ScoreDiff): string {
  if (moves.length === 0) return '';
  const side = ({ score: points, tier, reasons }: ScoreAndReasons) =>
    `${score(points)} ${tierName(tier)}: ${reasons ?? ''}`;
  const rows = moves.map(({ key, before, after }) => [key, side(before), side(after)]);
  return folded('Largest moves', table(['key', 'before', 'after'], rows));
}

function renderAlone(title: string, examples: ScoreDiff['appeared'], count: number): string {
  if (count === 0) return '';
  const rows = examples.map(({ key, score: points, tier }) => [key, score(points), tierName(tier)]);
  return folded(`${title}: ${formatCount(count)}`, table(['key', 'score', 'tier'], rows));
}

function renderSyncs(syncs: readonly ForeseenSync[]): string {
  if (syncs.length === 0) return '';
  const lines = syncs.flatMap((foreseen) => [
    `- **${plain(foreseen.sync)}** (${plain(foreseen.model)} → ${plain(foreseen.object)})${foreseen.edited === null ? '' : `: ${escaped(syncInWords(foreseen))}`}`,
    ...foreseen.problems.map(({ message }) => `  - cannot run: ${escaped(message)}`),
    ...foreseen.lists.map(
      ({ list, added, removed }) =>
        `  - list ${plain(list)}: ${formatCount(added)} join, ${formatCount(removed)} leave`,
    ),
  ]);
  return ['### What syncs would send', lines.join('\n'), syncNote].join('\n\n');
}
