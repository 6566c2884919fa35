import { sql } from 'kysely';
import type { GuardLimit, PropertyType } from '../project/sync-types.ts';
import { textOf, textOrNull } from '../state/row-values.ts';
import { stateTable } from '../state/state.ts';
import { canonicalValue } from './canonical-value.ts';
import type { CanaryResult, PlannedCanary } from './plan-types.ts';
import { type KnownRecord, readBack } from './read-back.ts';
import { parseValues, type RowValues } from './row-payload.ts';
import { type ApplyScope, type WrittenRows, writeRows } from './write-rows.ts';

export interface CanaryScope extends ApplyScope {
  readonly runId: string;
}

/** A row that was accepted, and what it should read. */
interface Accepted extends KnownRecord {
  readonly modelKey: string;
  readonly sent: RowValues;
}

/**
 * Writes the first rows of a plan and reads them back. A row has failed if HubSpot refused it, if its record is gone, or if
 * the record holds another value than was sent; one that was deferred has not.
 * @param rows how many, at most
 */
export async function sendCanary(
  scope: CanaryScope,
  canary: PlannedCanary,
  rows: number,
): Promise<{ readonly written: WrittenRows; readonly result: CanaryResult }> {
  const written = await writeRows(scope, rows);
  await scope.ledger.flush();
  const { accepted, refused } = await readOutcomes(scope);
  const changed = await readChanged(scope, canary.types, accepted);
  const failed = [...refused, ...changed];
  const tried = accepted.length + refused.length;
  return {
    written,
    result: {
      rows: tried,
      failed: failed.length,
      example: failed[0] ?? null,
      stopped: isTooMany(failed.length, tried, canary.maxRejected),
    },
  };
}

function isTooMany(failed: number, tried: number, { shareRatio, rows }: GuardLimit): boolean {
  return (shareRatio !== undefined && failed > shareRatio * tried) || (rows !== undefined && failed > rows);
}

/** What came of the rows sent in this run: nothing but the canary has been sent yet. */
async function readOutcomes({ state, plan, runId, signal }: CanaryScope) {
  const { warehouse } = state;
  const rows = await warehouse.query(
    warehouse.dialect.compile(sql`select l.model_key, l.record_id, l.outcome, l.new_values, i.match_value
from ${stateTable(state, 'ledger')} l
left join ${stateTable(state, 'identities')} i
  on i.identity_id = l.identity_id and i.portal_id = ${plan.portal.portalId}
where l.plan_id = ${plan.planId} and l.run_id = ${runId} and l.list is null and l.outcome <> 'deferred'
order by l.model_key`),
    { signal, purpose: `read what came of the first rows of ${plan.sync}` },
  );
  const isAccepted = (outcome: string) => ['created', 'updated', 'cleared'].includes(outcome);
  const accepted = rows
    .filter((row) => isAccepted(textOf(row, 'outcome')))
    .map((row): Accepted => {
      return {
        modelKey: textOf(row, 'model_key'),
        recordId: textOf(row, 'record_id'),
        property: plan.matchProperty,
        matchValue: textOrNull(row, 'match_value'),
        sent: parseValues(textOrNull(row, 'new_values')),
      };
    });
  const refused = rows.filter((row) => !isAccepted(textOf(row, 'outcome'))).map((row) => textOf(row, 'model_key'));
  return { accepted, refused };
}

/** @returns keys of rows whose record holds another value than was sent, or is gone */
async function readChanged(
  { hubspot, plan, signal }: CanaryScope,
  types: PlannedCanary['types'],
  accepted: readonly Accepted[],
): Promise<readonly string[]> {
  if (accepted.length === 0) return [];
  const read = await readBack(
    { hubspot, object: plan.object, types: new Map(Object.entries(types)), signal },
    accepted,
  );
  return accepted.flatMap(({ modelKey, sent }, index) => {
    const record = read[index];
    const holds =
      record?.kind === 'there' && Object.keys(sent).every((name) => isSame(types[name], sent, record.values, name));
    return holds ? [] : [modelKey];
  });
}

function isSame(type: PropertyType = 'string', sent: RowValues, held: RowValues, name: string): boolean {
  const plain = (values: RowValues) => canonicalValue(type, values[name] ?? null);
  return plain(sent) === plain(held);
}
