import type { RollbackOutcome } from '../../operations/roll-back.ts';
import type { KeptCause, KeptExample, Rollback } from '../../sync/rollback-types.ts';
import { formatCount, formatCounted } from './format.ts';
import type { Painter } from './painter.ts';
import { type PlanView, renderPlans } from './render-plan.ts';
import { renderRun } from './render-run.ts';

const causes: Readonly<Record<KeptCause, string>> = {
  later_run: 'written again by a later run',
  changed_in_hubspot: 'changed in HubSpot since',
  record_gone: 'whose record is gone or went into another one',
  unknown_before: 'whose values before nobody knows',
  property_gone: 'of properties that the sync or HubSpot does not have any more',
};

/** What a rollback restores and what it leaves as it is, then its plans, then what came of them. */
export function renderRollback({ rollbacks, plans, results }: RollbackOutcome, view: PlanView): string {
  if (rollbacks.length === 0) return 'The run wrote nothing: there is nothing to restore.';
  const parts = [
    ...rollbacks.map((rollback) => renderOne(rollback, view.paint)),
    ...(plans.length > 0 ? [renderPlans(plans, view)] : ['Nothing is left to restore.']),
    ...(results.length > 0
      ? [renderRun({ plans, results, rejections: [] }, view.paint)]
      : plans.length > 0
        ? ['Nothing was sent.']
        : []),
  ];
  return parts.join('\n\n');
}

function renderOne(rollback: Rollback, paint: Painter): string {
  const { sync, object, runId, written, restored, already, created, createdRecords, kept, members } = rollback;
  const count = formatCount;
  const lines = [
    `${paint.strong(sync)}  ${object}: run ${runId} wrote ${formatCounted(written, 'row')}; ${count(restored)} are restored, ${count(already)} hold the values before already`,
  ];
  if (members.toAdd + members.toRemove + members.kept > 0) {
    const left = members.kept > 0 ? `, ${count(members.kept)} left: changed again since, or their list is gone` : '';
    lines.push(`  list members: ${count(members.toRemove)} to remove, ${count(members.toAdd)} to put back${left}`);
  }
  if (created > 0) {
    lines.push(`  made by the run: ${formatCounted(created, 'record')}; their properties are emptied, and they stay:`);
    const shown = createdRecords.slice(0, 20).map(({ key, recordId }) => `${key} (${recordId})`);
    lines.push(`    ${shown.join(', ')}${created > shown.length ? ' …' : ''}`);
  }
  for (const { list, listId } of rollback.createdLists)
    lines.push(`  the list ${list} (${listId}) was made by the run, and stays`);
  for (const [cause, words] of Object.entries(causes)) {
    const left = kept[cause as KeptCause];
    if (left > 0) lines.push(`  ${paint.warn('left as they are:')} ${count(left)} ${words}`);
    for (const example of rollback.examples) if (example.cause === cause) lines.push(`    ${describe(example)}`);
  }
  return lines.join('\n');
}

function describe({ key, recordId, property, before, wrote, holds, laterRun }: KeptExample): string {
  const by = laterRun === undefined ? '' : ` (run ${laterRun})`;
  if (property === undefined) return `${key}  record ${recordId}${by}`;
  const show = (value: string | null | undefined) => value ?? '(empty)';
  return `${key}  record ${recordId}  ${property}: was ${show(before)}, the run wrote ${show(wrote)}, now ${show(holds)}${by}`;
}
