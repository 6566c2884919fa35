import { byTier } from '../../project/tier-order.ts';
import type { Plan, TierMove } from '../../sync/plan-types.ts';
import { causesOf, hasOperations } from '../../sync/plan-types.ts';
import { formatCount, formatCounted, formatSeconds, formatShare, oneLine } from './format.ts';
import { formatInstant } from './format-instant.ts';
import type { Painter } from './painter.ts';
import { type PropertyColumns, renderSample } from './render-sample.ts';
import { renderTable } from './render-table.ts';

export interface PlanView {
  /** Sync → its properties; those that are not here are shown as HubSpot holds them. */
  readonly properties: ReadonlyMap<string, PropertyColumns>;
  /** The project's. */
  readonly timeZone: string;
  /** The account is one inside the job. */
  readonly isLocal: boolean;
  readonly paint: Painter;
}

/** Plans as a person reads them before saying yes: the account first, then what would be made and written. */
export function renderPlans(plans: readonly Plan[], view: PlanView): string {
  const [first] = plans;
  if (first === undefined) return 'The project has no syncs: nothing to plan.';
  const { portalId, accountType, timeZone } = first.portal;
  const asOf = `${formatInstant(first.asOf, view.timeZone)} ${view.timeZone}`;
  const account = `${view.isLocal ? 'Local HubSpot' : 'HubSpot'} account ${view.paint.strong(String(portalId))} (${accountType}, ${timeZone}), scores as of ${asOf}`;
  return [account, ...plans.map((plan) => renderPlan(plan, view)), renderTotal(plans, view.paint)].join('\n\n');
}

function renderPlan(plan: Plan, { properties, paint }: PlanView): string {
  const title = `${paint.strong(plan.sync)}  ${plan.model} → ${plan.object} by ${plan.matchProperty}, mode ${plan.mode}`;
  const parts = [
    title,
    renderSchema(plan, paint),
    renderRows(plan, paint),
    renderTierMoves(plan, paint),
    renderForeign(plan),
    renderLists(plan, paint),
    renderSample(plan.sample, properties.get(plan.sync) ?? [], paint),
    renderRejected(plan, paint),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderForeign({ foreign }: Plan): string {
  if (foreign.length === 0) return '';
  const lines = foreign.flatMap(({ property, kept, adopted }) => [
    ...(kept > 0
      ? [`    ${property}: ${formatCount(kept)} left alone; \`adopt: true\` in the sync writes over them`]
      : []),
    ...(adopted > 0 ? [`    ${property}: ${formatCount(adopted)} written over`] : []),
  ]);
  return ['  Values in HubSpot that Scoreline did not write', ...lines].join('\n');
}

function renderSchema({ schema, lists }: Plan, paint: Painter): string {
  const made = paint.good('+');
  const lines: string[] = [];
  if (schema.group) lines.push(`  ${made} property group  ${schema.group.name}`);
  for (const property of schema.properties) {
    lines.push(`  ${made} property        ${property.name} (${property.type}): ${oneLine(property.label)}`);
  }
  for (const { property, added } of schema.options) {
    const values = added.map((option) => oneLine(option.value)).join(', ');
    lines.push(`  ${paint.warn('~')} options         ${property}: ${values} added`);
  }
  for (const list of lists) if (list.listId === null) lines.push(`  ${made} list            ${oneLine(list.name)}`);
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
    [rows.clears, paint.bad('clear'), 'left the model, moved to another record or are excluded'],
    [rows.rejected, paint.bad('refused'), 'of those above; why, see below'],
    [rows.unchanged, 'unchanged', ''],
    [rows.suppressed, 'suppressed', 'inside the dead band, or only accompanying columns changed'],
    [rows.excluded, 'excluded', ''],
    [
      rows.unmatched,
      'unmatched',
      mode === 'update'
        ? `no ${matchProperty}, or no record with it`
        : `no ${matchProperty}, or a record that was deleted (see \`recreate\`)`,
    ],
    [rows.waiting, 'waiting', 'refused before, tried again later'],
  ];
  const width = Math.max(...lines.map(([count]) => formatCount(count).length), formatCount(rows.model).length);
  const shown = lines.filter(([count]) => count > 0);
  return [
    `  ${formatCount(rows.model).padStart(width)} ${rows.model === 1 ? 'row' : 'rows'} in the model`,
    ...shown.map(
      ([count, word, why]) => `  ${formatCount(count).padStart(width)} ${word}${why && paint.dim(`  ${why}`)}`,
    ),
  ].join('\n');
}

/** A matrix: from which tier (lines) to which (columns), the highest tier first. */
function renderTierMoves({ tierMoves, tiers }: Plan, paint: Painter): string {
  if (tierMoves.length === 0) return '';
  const ends = (pick: (move: TierMove) => string | null) => {
    return [...new Set(tierMoves.map(pick))].sort(byTier(tiers));
  };
  const [from, to] = [ends((move) => move.from), ends((move) => move.to)];
  const rows = from.map((start) => [
    start ?? '(new)',
    ...to.map((end) => tierMoves.find((move) => move.from === start && move.to === end)?.rows ?? null),
  ]);
  const head = ['from \\ to', ...to.map((end) => end ?? '(none)')];
  const matrix = `  ${paint.strong('Tier moves')}\n${renderTable(head, rows)}`;
  const causes = renderCauses(tierMoves);
  return causes === '' ? matrix : `${matrix}\n${causes}`;
}

/** The same moves by what brought them. */
function renderCauses(tierMoves: readonly TierMove[]): string {
  const met = causesOf(tierMoves);
  if (met.length === 0) return '';
  const rows = tierMoves.map(({ from, to, causes = {} }) => [
    `${from ?? '(new)'} → ${to ?? '(none)'}`,
    ...met.map((cause) => causes[cause] ?? null),
  ]);
  return renderTable(['by cause', ...met], rows);
}

function renderLists({ lists }: Plan, paint: Painter): string {
  if (lists.length === 0) return '';
  const rows = lists.map((list) => [oneLine(list.name), list.adds, list.removes, list.missing, list.rejected]);
  return `  ${paint.strong('Lists')}\n${renderTable(['list', 'add', 'remove', 'without a record', 'refused'], rows)}`;
}

function renderRejected({ rejected, rows }: Plan, paint: Painter): string {
  if (rows.rejected === 0) return '';
  const title = `${formatCounted(rows.rejected, 'row')} refused while planning`;
  const head = ['key', 'why'];
  const shown = rejected.map(({ key, message }) => [oneLine(key, 40), oneLine(message, 200)]);
  const more = rows.rejected - rejected.length;
  return [
    `  ${paint.bad(title)}`,
    renderTable(head, shown),
    ...(more > 0 ? [paint.dim(`  and ${formatCount(more)} more`)] : []),
  ].join('\n');
}

function renderTotal(plans: readonly Plan[], paint: Painter): string {
  if (!plans.some(hasOperations)) return paint.strong('Nothing to send: HubSpot holds what the models say.');
  const sum = (pick: (plan: Plan) => number) => plans.reduce((total, plan) => total + pick(plan), 0);
  const ratio = sum((plan) => plan.cost.dailyRatio ?? 0);
  const quota = ratio > 0 ? `, ${formatShare(ratio)} of the day's calls` : '';
  const rows = sum((plan) => plan.rows.creates + plan.rows.updates + plan.rows.clears - plan.rows.rejected);
  const members = sum((plan) => plan.lists.reduce((total, list) => total + list.adds + list.removes, 0));
  const what = [formatCounted(rows, 'row'), ...(members > 0 ? [formatCounted(members, 'list member')] : [])];
  const calls = formatCounted(
    sum((plan) => plan.cost.calls),
    'call',
  );
  const seconds = formatSeconds(sum((plan) => plan.cost.seconds));
  return `${paint.strong(`Plan: ${what.join(' and ')} to send`)}, about ${calls} and ${seconds}${quota}.`;
}
