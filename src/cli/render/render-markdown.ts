import type { JudgedPlan } from '../../operations/guard-plans.ts';
import { causesOf, hasOperations, type Plan, type RowChange } from '../../sync/plan-types.ts';
import { formatCount, formatSeconds, formatShare } from './format.ts';
import { folded, plain, table } from './markdown-text.ts';

/** Plans for a pull request: the account first, a table a sync, details folded away. */
export function renderMarkdown(judged: readonly JudgedPlan[]): string {
  const [first] = judged;
  if (first === undefined) return 'The project has no syncs: nothing to plan.';
  const { portalId, accountType, timeZone } = first.plan.portal;
  const account = `**Scoreline plan** for HubSpot account ${portalId} (${plain(accountType)}, ${plain(timeZone)}), scores as of ${first.plan.asOf}`;
  return [account, ...judged.map(renderOne)].join('\n\n');
}

function renderOne({ plan, violations, overrides }: JudgedPlan): string {
  const said = violations.map(({ guard, message }) => {
    const reason = overrides[guard];
    return reason === undefined
      ? `> **Stopped:** ${plain(message)}`
      : `> **Let through:** ${plain(message)} (${plain(reason)})`;
  });
  const parts = [
    `### ${plain(plan.sync)}: ${plain(plan.model)} → ${plain(plan.object)}`,
    said.join('\n>\n'),
    renderRows(plan),
    renderSchema(plan),
    renderTierMoves(plan),
    renderSample(plan),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderRows(plan: Plan): string {
  if (!hasOperations(plan)) return `Nothing to send. ${formatCount(plan.rows.model)} rows in the model.`;
  const { rows, lists, cost } = plan;
  const counts: [string, number][] = [
    ['create', rows.creates],
    ['update', rows.updates],
    ['clear', rows.clears],
    ['refused while planning', rows.rejected],
    ['unchanged', rows.unchanged],
    ['suppressed', rows.suppressed],
    ['excluded', rows.excluded],
    ['unmatched', rows.unmatched],
    ['waiting', rows.waiting],
    ...lists.flatMap(({ name, adds, removes }): [string, number][] => [
      [`list ${name}: add`, adds],
      [`list ${name}: remove`, removes],
    ]),
  ];
  const shown = counts.filter(([, count]) => count > 0).map(([what, count]) => [what, formatCount(count)]);
  const quota = cost.dailyRatio === undefined ? '' : `, ${formatShare(cost.dailyRatio)} of the day's calls`;
  const calls = `${formatCount(cost.calls)} calls, about ${formatSeconds(cost.seconds)}${quota}.`;
  return `${table(['', 'rows'], [...shown, ['rows in the model', formatCount(rows.model)]])}\n\n${calls}`;
}

function renderSchema({ schema, lists }: Plan): string {
  const lines = [
    ...schema.properties.map(({ name, type, label }) => `- new property \`${name}\` (${type}): ${plain(label)}`),
    ...schema.options.map(({ property, added }) => {
      return `- options of \`${property}\`: ${added.map(({ value }) => plain(value)).join(', ')} added`;
    }),
    ...lists.filter(({ listId }) => listId === null).map(({ name }) => `- new list ${plain(name)}`),
  ];
  return lines.join('\n');
}

function renderTierMoves({ tierMoves }: Plan): string {
  if (tierMoves.length === 0) return '';
  const met = causesOf(tierMoves);
  const rows = tierMoves.map(({ from, to, rows: count, causes = {} }) => [
    from ?? '(none)',
    to ?? '(none)',
    formatCount(count),
    ...met.map((cause) => formatCount(causes[cause] ?? 0)),
  ]);
  return folded('Tier moves', table(['from', 'to', 'rows', ...met], rows));
}

function renderSample({ sample }: Plan): string {
  if (sample.length === 0) return '';
  const rows = sample.map((change) => [change.key, change.operation, describe(change)]);
  return folded('Largest changes', table(['row', '', 'values'], rows));
}

function describe({ values }: RowChange): string {
  return values.map(({ property, from, to }) => `${property}: ${from ?? '(empty)'} → ${to ?? '(empty)'}`).join('; ');
}
