import type { AuditOutcome } from '../../operations/audit-one.ts';
import { type Audit, type DriftCause, type DriftExample, driftOf } from '../../sync/audit-types.ts';
import { formatCount } from './format.ts';
import type { Painter } from './painter.ts';
import { type PlanView, renderPlans } from './render-plan.ts';
import { renderRun } from './render-run.ts';
import { renderTable } from './render-table.ts';

const causes: Readonly<Record<DriftCause, string>> = {
  changed: 'hold another value: changed in HubSpot',
  lost: 'hold no value any more',
  merged: 'went into another record',
  deleted: 'are gone',
};

/** What an audit found: counts by cause, examples, lists; behind it the plan that mends it, and what came of that. */
export function renderAudit({ audit, plan, result }: AuditOutcome, view: PlanView): string {
  const { paint } = view;
  const plans = plan === null ? [] : [plan];
  const parts = [
    `${paint.strong(audit.sync)}  ${audit.object} in HubSpot account ${audit.portalId}`,
    renderRows(audit, paint),
    renderExamples(audit, paint),
    renderLists(audit, paint),
    driftOf(audit) > 0 ? '' : renderNoDrift(audit, paint),
    plan === null ? '' : renderPlans(plans, view),
    result === null ? '' : renderRun({ plans, results: [result], rejections: [] }, paint),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderNoDrift({ audited, notAudited, lists, sync }: Audit, paint: Painter): string {
  const { excluded, inDoubt, vanished } = notAudited;
  if (audited + excluded + inDoubt + vanished + lists.length > 0)
    return paint.good('HubSpot holds what Scoreline wrote.');
  return `${sync} has written nothing to this account yet: there was nothing to read back.`;
}

function renderRows({ audited, asExpected, drift, notAudited }: Audit, paint: Painter): string {
  const lines: [number, string][] = [
    [audited, 'rows read back'],
    [asExpected, 'as they were left'],
    ...Object.entries(causes).map(([cause, words]): [number, string] => [
      drift[cause as DriftCause],
      `${paint.warn(cause)}  ${words}`,
    ]),
    [notAudited.excluded, 'not read back: the sync excludes them'],
    [notAudited.inDoubt, 'not read back: a write of them has no answer, so the next run sends them again'],
    [notAudited.vanished, 'not read back: their record was gone before'],
  ];
  const width = Math.max(...lines.map(([count]) => formatCount(count).length));
  return lines
    .filter(([count], index) => count > 0 || index === 0)
    .map(([count, words]) => `  ${formatCount(count).padStart(width)} ${words}`)
    .join('\n');
}

function renderExamples({ examples }: Audit, paint: Painter): string {
  if (examples.length === 0) return '';
  return [`  ${paint.strong('Examples')}`, ...examples.map((example) => `    ${describe(example)}`)].join('\n');
}

function describe({ cause, key, recordId, nowRecordId, values }: DriftExample): string {
  const record = `${key}  record ${recordId}`;
  if (cause === 'merged') return `${record} went into ${nowRecordId ?? 'another one'}`;
  if (cause === 'deleted') return `${record} is gone`;
  const shown = values.map(
    ({ property, wrote, holds }) => `${property}: wrote ${wrote ?? '(empty)'}, holds ${holds ?? '(empty)'}`,
  );
  return `${record}  ${shown.join('; ')}`;
}

function renderLists({ lists }: Audit, paint: Painter): string {
  if (lists.length === 0) return '';
  const rows = lists.map((list) => [
    list.name,
    list.listId ?? 'gone',
    list.members,
    list.removedByOthers,
    list.addedByOthers,
  ]);
  const head = ['list', 'id', 'our members', 'removed by others', 'added by others (they stay)'];
  return `  ${paint.strong('Lists')}\n${renderTable(head, rows)}`;
}
