import assert from 'node:assert/strict';
import { isCommitted } from '../../src/sandbox/traffic/fault-answers.ts';
import type { LoggedRequest } from '../../src/sandbox/traffic/request-log.ts';
import type { FaultCase } from './fault-case.ts';
import { type FaultWorld, type HeldRecord, isRowWrite, type Ran } from './fault-world.ts';

/** One run's writes of rows, by record id. */
interface Written {
  /** Times that an answer which came whole named the record. */
  readonly told: ReadonlyMap<string, number>;
  /** Times that a request named it which was done, and whose answer did not say so. */
  readonly untold: ReadonlyMap<string, number>;
  /** Those of them that are simply repeated, as creates are not. */
  readonly repeated: ReadonlyMap<string, number>;
}

/**
 * Compares what the ledger says with what HubSpot did, record by record: nothing counts as accepted that was not written,
 * nothing that HubSpot said it had written is missing, no record was made twice, and no write changed nothing, but where
 * an answer was lost or the process died before it could write down the answer.
 */
export async function expectBalance(world: FaultWorld, { object, mode }: FaultCase): Promise<void> {
  const byValue = await world.records();
  // Records that others merged hold values of others, and addresses that led elsewhere before.
  const records = [...new Set(byValue.values())].filter(({ mergedIds }) => mergedIds.length === 0);
  const accepted = await acceptedByRun(world);
  const excused = new Map<string, number>();
  for (const run of world.runs) {
    const { told, untold, repeated } = writtenIn(run, byValue);
    for (const { id } of records) {
      const inLedger = accepted.get(`${run.runId} ${id}`) ?? 0;
      const [heard, unheard] = [told.get(id) ?? 0, untold.get(id) ?? 0];
      assert.ok(inLedger <= heard + unheard, `${run.runId} has ${id} as written, and HubSpot has not`);
      const isForgotten = run.couldWrite && heard > 0 && inLedger === 0;
      assert.ok(!isForgotten, `${run.runId} forgot that HubSpot wrote ${id}`);
      const again = repeated.get(id) ?? 0;
      // A create without an answer is looked for, and what was found may not have come into the ledger either.
      const wasInFlight = run.couldWrite ? 0 : Math.max(0, heard + unheard - again - inLedger);
      excused.set(id, (excused.get(id) ?? 0) + again + wasInFlight);
    }
  }
  for (const { id, writes, changes } of records) {
    const idle = writes - changes;
    // Others may have written what was there, or what a run was about to write.
    const edits = 2 * (world.edits.get(id) ?? 0);
    assert.ok(idle <= (excused.get(id) ?? 0) + edits, `record ${id} was written ${idle} times without a change`);
  }
  await expectNothingTwice(world, object);
  await expectStateToBeTrue(world, records, mode);
}

async function acceptedByRun(world: FaultWorld): Promise<ReadonlyMap<string, number>> {
  const rows = await world.query(`select run_id, record_id, count(*)::int as n from $.ledger
where list is null and outcome in ('created', 'updated', 'cleared') group by all`);
  return new Map(rows.map(({ run_id, record_id, n }) => [`${run_id} ${record_id}`, Number(n)]));
}

function writtenIn({ requests, faults }: Ran, byValue: ReadonlyMap<string, HeldRecord>): Written {
  const [told, untold, repeated] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const add = (counts: Map<string, number>, id: string) => counts.set(id, (counts.get(id) ?? 0) + 1);
  const losing = new Set(faults.filter(({ effect }) => isCommitted(effect)).map(({ id }) => id));
  // The log has an answer whole that broke off on its way.
  const cutting = new Set(faults.filter(({ effect }) => effect.kind === 'drop').map(({ id }) => id));
  for (const request of requests.filter(isRowWrite)) {
    const wasCut = request.fault !== undefined && cutting.has(request.fault);
    const results = wasCut ? [] : resultsIn(request);
    for (const id of results) add(told, id);
    if (request.fault === undefined || !losing.has(request.fault)) continue;
    for (const named of namedIn(request)) {
      const id = byValue.get(named)?.id ?? named;
      if (results.includes(id)) continue;
      add(untold, id);
      if (!request.path.includes('batch/create')) add(repeated, id);
    }
  }
  return { told, untold, repeated };
}

/** Record ids that the answer names as written. */
function resultsIn({ status, responseBody = '' }: LoggedRequest): readonly string[] {
  if (status < 200 || status >= 300) return [];
  try {
    const { results = [] } = JSON.parse(responseBody) as { results?: { id: string }[] };
    return results.map(({ id }) => id);
  } catch {
    return [];
  }
}

/** Record ids, addresses and domains of the inputs. */
function namedIn({ requestBody = '{}' }: LoggedRequest): readonly string[] {
  const { inputs = [] } = JSON.parse(requestBody) as {
    inputs?: { id?: string; properties?: { email?: string } }[];
  };
  return inputs.flatMap(({ id, properties }) => id ?? properties?.email ?? []);
}

async function expectNothingTwice(world: FaultWorld, object: FaultCase['object']): Promise<void> {
  const records = await world.sandbox.records(object);
  const keys = records.map(({ properties }) => properties[object === 'companies' ? 'domain' : 'email'] ?? '');
  const named = keys.filter((key) => key !== '');
  assert.equal(named.length, new Set(named).size, 'two records have one match value');
  const twice = await world.query(`select record_id from $.ledger where list is null and outcome = 'created'
group by record_id having count(*) > 1`);
  assert.deepEqual(twice, [], 'the ledger has a record as created twice');
  const unsettled = await world.query(`select p.plan_id, p.model_key from $.plan_rows p
join $.plans n on n.plan_id = p.plan_id and n.status = 'applied'
where p.verdict = 'send' and p.list is null and not exists (
  select 1 from $.ledger l where l.plan_id = p.plan_id and l.model_key = p.model_key and l.operation = p.operation
    and l.list is null and l.outcome <> 'deferred'
)`);
  assert.deepEqual(unsettled, [], 'a plan counts as applied whose rows have no outcome');
}

/** What the folded tables say must be so in HubSpot. */
async function expectStateToBeTrue(
  world: FaultWorld,
  records: readonly HeldRecord[],
  mode: FaultCase['mode'],
): Promise<void> {
  const live = new Map(records.map((record) => [record.id, record]));
  const rows =
    await world.query(`select s.model_key, s.record_id, s.property_values, s.values_hash, i.record_id as found
from $.snapshot s left join $.identities i on i.identity_id = s.identity_id`);
  for (const row of rows) {
    const record = live.get(String(row.record_id));
    if (record === undefined || row.values_hash === null) continue;
    const values = JSON.parse(String(row.property_values)) as Record<string, string | null>;
    const said = Object.entries(values).filter(([, value]) => value !== null);
    const held = said.map(([name]) => [name, record.properties[name] ?? null]);
    assert.deepEqual(held, said, `the snapshot of ${row.model_key} is not what record ${record.id} holds`);
    if (mode === 'mirror') continue;
    // Identities lead where the row's record is, unless the row has been another's since.
    assert.ok(row.found !== null, `the identity of ${row.model_key} does not know record ${record.id}`);
  }
  const members = new Set(await world.members());
  const claimed = await world.query('select record_id from $.memberships where added_at is not null');
  const lost = claimed.map(({ record_id }) => String(record_id)).filter((id) => live.has(id) && !members.has(id));
  assert.deepEqual(lost, [], 'members are remembered who are none');
}
