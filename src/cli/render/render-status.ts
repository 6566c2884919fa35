import type { Status } from '../../operations/read-status.ts';
import { formatBytes, formatCount, formatCounted, formatSeconds } from './format.ts';
import type { Painter } from './painter.ts';
import { renderFreshness } from './render-freshness.ts';
import { renderTable } from './render-table.ts';

/** How things stand, for the person who looks in the morning: what went wrong first. */
export function renderStatus(status: Status, paint: Painter, now: Date): string {
  const parts = [
    section(paint, 'Runs', renderRuns(status)),
    section(paint, 'Syncs', renderSyncs(status)),
    section(paint, 'Models', renderModels(status, now)),
    ...renderFreshness(status.freshness ?? []).map((table) => section(paint, 'Sources', table)),
    ...(status.rejections.length > 0 ? [section(paint, 'Rejected rows', renderRejections(status))] : []),
    ...(status.leases.length > 0 ? [section(paint, 'Leases', renderLeases(status))] : []),
  ];
  return [`Target ${paint.strong(status.target)}`, renderTrouble(status, paint), ...parts]
    .filter((part) => part !== '')
    .join('\n\n');
}

function section(paint: Painter, title: string, body: string): string {
  return `${paint.strong(title)}\n${body}`;
}

/** What was billed is a column where anything was. */
function renderRuns({ runs }: Status): string {
  if (runs.length === 0) return '  Nothing has run yet.';
  const isBilled = runs.some(({ bytesBilled }) => bytesBilled !== null);
  const rows = runs.map((run) => [
    run.runId,
    run.command,
    run.status,
    run.errorCode,
    showInstant(run.startedAt),
    run.endedAt === null ? '' : `${Math.round((Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000)} s`,
    run.warehouseSeconds === null ? '' : formatSeconds(run.warehouseSeconds),
    ...(isBilled ? [run.bytesBilled === null ? '' : formatBytes(run.bytesBilled)] : []),
    showInstant(run.asOf),
  ]);
  const spent = ['warehouse', ...(isBilled ? ['billed'] : [])];
  return renderTable(['run', 'command', 'status', 'error', 'started', 'took', ...spent, 'scores as of'], rows);
}

function renderSyncs({ syncs }: Status): string {
  if (syncs.length === 0) return '  Nothing was planned yet.';
  const head = [
    'sync',
    'account',
    'last sent',
    'scores as of',
    'accepted',
    'members',
    'refused',
    'deferred',
    'vanished',
  ];
  const rows = syncs.map((sync) => [
    sync.sync,
    String(sync.portalId),
    showInstant(sync.appliedAt),
    showInstant(sync.asOf),
    sync.accepted,
    sync.members,
    sync.refused,
    sync.deferred,
    sync.vanished,
  ]);
  return renderTable(head, rows);
}

function renderModels({ models }: Status, now: Date): string {
  if (models.length === 0) return '  The project has no models.';
  const rows = models.map(({ model, kind, rows: count, asOf }) => [
    model,
    kind,
    count === null ? 'not built' : formatCount(count),
    showInstant(asOf),
    asOf === null ? '' : showAge(now.getTime() - Date.parse(asOf)),
  ]);
  return renderTable(['model', 'kind', 'rows', 'scores as of', 'age'], rows);
}

function renderRejections({ rejections }: Status): string {
  const rows = rejections.map(({ sync, category, property, rows: count }) => [sync, category, property, count]);
  return renderTable(['sync', 'category', 'property', 'rows'], rows);
}

function renderLeases({ leases }: Status): string {
  const rows = leases.map(({ name, runId, holder, acquiredAt }) => [name, runId, holder, showInstant(acquiredAt)]);
  return renderTable(['lease', 'run', 'holder', 'since'], rows);
}

/** What a person should look at, in sentences; nothing where all is well. */
function renderTrouble({ runs, syncs, freshness }: Status, paint: Painter): string {
  const [last] = runs;
  const lines = syncs.flatMap(({ sync, deferred, refused }) => [
    ...(deferred > 0 ? [`${sync}: ${formatCounted(deferred, 'operation')} left for the next run`] : []),
    ...(refused > 0
      ? [`${sync}: ${formatCounted(refused, 'row')} refused; \`scoreline rejected ${sync}\` says why`]
      : []),
  ]);
  lines.push(...(freshness ?? []).flatMap(({ message }) => (message === '' ? [] : [message])));
  if (last !== undefined && last.status !== 'finished' && last.status !== 'running') {
    lines.unshift(
      `the last run ${last.runId} ${last.errorCode ? `ended with ${last.errorCode}` : `was ${last.status}`}`,
    );
  }
  return lines.map((line) => `${paint.warn('!')} ${line}`).join('\n');
}

/** `2026-01-31 08:00 UTC`; nothing for null. */
export function showInstant(iso: string | null): string {
  return iso === null ? '' : `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

function showAge(ageMs: number): string {
  const hours = Math.max(0, Math.round(ageMs / 3_600_000));
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
