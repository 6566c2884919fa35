import type { Plan, RowChange, TierMove } from '../../sync/plan-types.ts';
import { hasOperations } from '../../sync/plan-types.ts';
import { formatCount, formatSeconds, formatShare } from './format.ts';
import type { Painter } from './painter.ts';
import { renderTable } from './render-table.ts';

/** Plans as a person reads them before saying yes: the account first, then what would be made and written. */
export function renderPlans(plans: readonly Plan[], paint: Painter): string {
  const [first] = plans;
  if (first === undefined) return 'The project has no syncs: nothing to plan.';
  const { portalId, accountType, timeZone } = first.portal;
  const account = `HubSpot account ${paint.strong(String(portalId))} (${accountType}, ${timeZone}), scores as of ${first.asOf}`;
  return [account, ...plans.map((plan) => renderPlan(plan, paint)), renderTotal(plans, paint)].join('\n\n');
}

function renderPlan(plan: Plan, paint: Painter): string {
  const title = `${paint.strong(plan.sync)}  ${plan.model} → ${plan.object} by ${plan.matchProperty}, mode ${plan.mode}`;
  const parts = [
    title,
    renderSchema(plan, paint),
    renderRows(plan, paint),
    renderTierMoves(plan.tierMoves, paint),
    renderLists(plan, paint),
    renderSample(plan, paint),
    renderRejected(plan, paint),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderSchema({ schema, lists }: Plan, paint: Painter): string {
  const made = paint.good('+');
  const lines: string[] = [];
  if (schema.group) lines.push(`  ${made} property group  ${schema.group.name}`);
  for (const property of schema.properties) {
    lines.push(`  ${made} property        ${property.name} (${property.type}): ${property.label}`);
  }
  for (const { property, added } of schema.options) {
    lines.push(
      `  ${paint.warn('~')} options         ${property}: ${added.map((option) => option.value).join(', ')} added`,
    );
  }
  for (const list of lists) if (list.listId === null) lines.push(`  ${made} list            ${list.name}`);
  return lines.join('\n');
}

function renderRows({ rows, mode, matchProperty, firstSync }: Plan, paint: Painter): string {
  const lines: [number, string, string][] = [
    [rows.creates, paint.good('create'), ''],
    [
      rows.updates,
      paint.warn('update'),
      firstSync ? 'the first time: all mapped properties' : 'changed properties alone',
    ],
    [rows.clears, paint.bad('clear'), 'left the model'],
    [rows.unchanged, 'unchanged', ''],
    [rows.suppressed, 'suppressed', 'inside the dead band, or only accompanying columns changed'],
    [rows.excluded, 'excluded', ''],
    [
      rows.unmatched,
      'unmatched',
      mode === 'update' ? `no ${matchProperty}, or no record with it` : `no ${matchProperty}`,
    ],
    [rows.waiting, 'waiting', 'refused before, tried again later'],
  ];
  const width = Math.max(...lines.map(([count]) => formatCount(count).length), formatCount(rows.model).length);
  const shown = lines.filter(([count]) => count > 0);
  return [
    `  ${formatCount(rows.model).padStart(width)} rows in the model`,
    ...shown.map(
      ([count, word, why]) => `  ${formatCount(count).padStart(width)} ${word}${why && paint.dim(`  ${why}`)}`,
    ),
  ].join('\n');
}

/** A matrix: from which tier (lines) to which (columns). */
function renderTierMoves(moves: readonly TierMove[], paint: Painter): string {
  if (moves.length === 0) return '';
  const name = (tier: string | null) => tier ?? '(none)';
  const from = [...new Set(moves.map((move) => name(move.from)))];
  const to = [...new Set(moves.map((move) => name(move.to)))];
  const rows = from.map((start) => [
    start,
    ...to.map((end) => moves.find((move) => name(move.from) === start && name(move.to) === end)?.rows ?? null),
  ]);
  return `  ${paint.strong('Tier moves')}\n${renderTable(['from \\ to', ...to], rows)}`;
}

function renderLists({ lists }: Plan, paint: Painter): string {
  if (lists.length === 0) return '';
  const rows = lists.map((list) => [list.name, list.adds, list.removes, list.missing, list.rejected]);
  return `  ${paint.strong('Lists')}\n${renderTable(['list', 'add', 'remove', 'without a record', 'rejected'], rows)}`;
}

function renderSample({ sample }: Plan, paint: Painter): string {
  if (sample.length === 0) return '';
  const lines = sample.map((change) => `    ${change.key}  ${describeChange(change, paint)}`);
  return [`  ${paint.strong('Largest changes')}`, ...lines].join('\n');
}

function describeChange({ operation, values }: RowChange, paint: Painter): string {
  const shown = values.map(({ property, from, to }) => {
    const after = shorten(to ?? '(empty)');
    return from === null ? `${property}: ${after}` : `${property}: ${shorten(from)} → ${after}`;
  });
  return `${operation === 'create' ? paint.good('create') : paint.warn('update')}  ${shown.join('; ')}`;
}

function renderRejected({ rejected, rows }: Plan, paint: Painter): string {
  if (rows.rejected === 0) return '';
  const lines = rejected.map(({ key, message }) => `    ${key}  ${message}`);
  return [`  ${paint.bad(`${formatCount(rows.rejected)} refused while planning`)}`, ...lines].join('\n');
}

function renderTotal(plans: readonly Plan[], paint: Painter): string {
  if (!plans.some(hasOperations)) return paint.strong('Nothing to send: HubSpot holds what the models say.');
  const sum = (pick: (plan: Plan) => number) => plans.reduce((total, plan) => total + pick(plan), 0);
  const ratio = sum((plan) => plan.cost.dailyRatio ?? 0);
  const quota = ratio > 0 ? `, ${formatShare(ratio)} of the day's calls` : '';
  const rows = sum((plan) => plan.rows.creates + plan.rows.updates + plan.rows.clears - plan.rows.rejected);
  return `${paint.strong(`Plan: ${formatCount(rows)} rows to send`)}, ${formatCount(sum((plan) => plan.cost.calls))} calls, about ${formatSeconds(sum((plan) => plan.cost.seconds))}${quota}.`;
}

function shorten(text: string): string {
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
