import assert from 'node:assert/strict';
import { type FaultCase, type Lead, type Model, poison, type SyncSettings } from './fault-case.ts';
import { type FaultWorld, type HeldRecord, tierOf } from './fault-world.ts';

/** What HubSpot holds must be what the model says: values, no values where there is no row, and members. */
export async function expectHubSpotToEqualModel(world: FaultWorld, settings: FaultCase): Promise<void> {
  const { last, recreate, nulls, mode, exclude } = settings;
  const records = await world.records();
  const deleted = await world.deletedValues();
  const unnoticed = await rowsAsAccepted(world);
  const rows = Object.entries(last.model).flatMap(([key, lead]) =>
    lead.name === null || isExcluded(settings, lead)
      ? []
      : [{ key, lead, name: lead.name, value: world.valueOf(lead.name).toLowerCase() }],
  );
  const holders = new Map<string, number>();
  for (const { value } of rows) {
    const id = records.get(value)?.id ?? value;
    holders.set(id, (holders.get(id) ?? 0) + 1);
  }
  const members = new Set(await world.members());
  const mayBeMembers = new Set(world.foreigners);
  for (const { key, lead, name, value } of rows) {
    const record = records.get(value);
    const isAlone = holders.get(record?.id ?? value) === 1;
    if (record !== undefined && (!isAlone || lead.score === poison)) mayBeMembers.add(record.id);
    if (world.isRefused(name) || !isAlone || lead.score === poison) continue;
    if (record === undefined) {
      const mayBeGone = deleted.has(value) && (!recreate || unnoticed.has(key));
      assert.ok(mayBeGone, `row ${key} has no record of ${value}`);
      continue;
    }
    const { lead_score: score = null, lead_tier: tier } = record.properties;
    const isCompared = lead.score !== null || nulls === 'clear';
    const wanted = { tier: tierOf(lead), ...(isCompared && { score: lead.score }) };
    const held = { tier, ...(isCompared && { score: score === null ? null : Number(score) }) };
    assert.deepEqual(held, wanted, `the record of row ${key} (${value}) is not as the model has it`);
    if (lead.listed) {
      assert.ok(members.has(record.id), `row ${key} is no member of the list`);
      mayBeMembers.add(record.id);
    }
  }
  const live = new Map([...records.values()].map((record) => [record.id, record]));
  // Merging takes memberships over from a record that is gone: nobody can say whose those are, so they are left alone.
  const strangers = [...members].filter((id) => live.get(id)?.mergedIds.length === 0 && !mayBeMembers.has(id));
  assert.deepEqual(strangers, [], 'records are members that should not be');
  if (mode !== 'mirror') return;
  const inDoubt = await recordsOfRowsInDoubt(world, last.model);
  const kept = exclude === 'keep' ? await recordsOfExcludedRows(world, last.model) : new Set();
  const rowless = [...live.values()].filter(({ id }) => !holders.has(id) && !inDoubt.has(id) && !kept.has(id));
  expectNothingLeft(rowless, ownAllAlong(settings));
}

function isExcluded({ exclude }: FaultCase, { excluded }: Lead): boolean {
  return exclude !== 'nobody' && excluded;
}

/** Those that they may ever have written. */
async function recordsOfExcludedRows(world: FaultWorld, model: Model): Promise<ReadonlySet<string>> {
  const rows = await world.query(`select p.model_key, p.record_id, lower(i.match_value) as match_value
from $.plan_rows p left join $.identities i on i.identity_id = p.identity_id where p.list is null
union all select model_key, record_id, null from $.snapshot`);
  const records = await world.records();
  const ids = rows
    .filter((row) => model[String(row.model_key)]?.excluded)
    .flatMap((row) => [row.record_id, records.get(String(row.match_value))?.id]);
  return new Set(ids.map(String));
}

/**
 * Rows with nothing to send since HubSpot accepted them: without a call nobody hears that a record was deleted. Only `audit`
 * asks.
 */
async function rowsAsAccepted(world: FaultWorld): Promise<ReadonlySet<string>> {
  const rows = await world.query(`select s.model_key from $.snapshot s
where s.record_id is not null and s.values_hash is not null and s.accepted_at = (
  select max(l.attempted_at) from $.ledger l
  where l.model_key = s.model_key and l.list is null and l.outcome in ('created', 'updated')
)`);
  return new Set(rows.map((row) => String(row.model_key)));
}

/** Of rows that are in the model and lead nowhere, without a match value or refused: what they had is left as it is. */
async function recordsOfRowsInDoubt(world: FaultWorld, model: Model): Promise<ReadonlySet<string>> {
  const rows = await world.query(`select s.record_id, s.model_key from $.snapshot s where s.record_id is not null`);
  const unsent = await world.query(`select model_key from $.plan_rows where list is null and verdict <> 'send'
  and plan_id = (select max(plan_id) from $.plans)`);
  const refused = await world.query(`select model_key from $.rejections`);
  const inDoubt = new Set([...unsent, ...refused].map(({ model_key }) => String(model_key)));
  return new Set(
    rows
      .filter(({ model_key: key }) => inDoubt.has(String(key)) && String(key) in model)
      .map((row) => String(row.record_id)),
  );
}

/** What a property holds that was out of the sync for a while is left to others. */
function ownAllAlong({ steps }: FaultCase): readonly string[] {
  const isIn = (name: SyncSettings['properties']) =>
    steps.every(({ edits }) => [name, undefined].includes(edits.properties));
  return [...(isIn('score') ? ['lead_score'] : []), ...(isIn('tier') ? ['lead_tier'] : [])];
}

/** Merging takes values over from records that are gone: those are nobody's. */
function expectNothingLeft(records: readonly HeldRecord[], names: readonly string[]): void {
  const left = records.filter(
    ({ mergedIds, properties }) => mergedIds.length === 0 && names.some((name) => properties[name]),
  );
  assert.deepEqual(left, [], 'records hold values although no row leads to them');
}

export async function expectForeignersToStay(world: FaultWorld): Promise<void> {
  const live = new Set([...(await world.records()).values()].map(({ id }) => id));
  const members = new Set(await world.members());
  const lost = [...world.foreigners].filter((id) => live.has(id) && !members.has(id));
  assert.deepEqual(lost, [], 'members whom others added were removed');
}
