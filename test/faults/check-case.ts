import assert from 'node:assert/strict';
import type { FaultCase } from './fault-case.ts';
import { FaultWorld, tierOf } from './fault-world.ts';

/** What the cases have gone through. */
export interface Survived {
  cases: number;
  runs: number;
  faults: number;
  kills: number;
}

const mostRunsToSettle = 5;

/** Goes through a case and checks what must hold afterwards. */
export async function checkCase(settings: FaultCase, survived: Survived): Promise<void> {
  const world = await FaultWorld.open(settings);
  try {
    let struck = 0;
    for (const step of settings.steps) {
      await world.setModel(step);
      for (const event of step.events) await world.happen(event);
      await world.sandbox.addFaults(...step.faults);
      await world.run(step.fate);
      struck += await strikes(world);
      await world.sandbox.clearFaults();
      survived.runs += 1;
    }
    const wasQuiet = struck === 0 && world.kills === 0 && settings.steps.every(({ fate }) => fate.kind === 'lives');
    await settle(world, settings);
    await expectHubSpotToEqualModel(world, settings);
    // After a lost answer nobody can say who was a member before: such members count as ours.
    if (wasQuiet) await expectForeignersToStay(world);
    await expectNothingTwice(world, settings, wasQuiet);
    survived.cases += 1;
    survived.faults += struck;
    survived.kills += world.kills;
  } finally {
    await world.close();
  }
}

async function strikes(world: FaultWorld): Promise<number> {
  const answer = await fetch(`${world.sandbox.url}/_sandbox/faults`);
  const { faults } = (await answer.json()) as { faults: { struck: number }[] };
  return faults.reduce((sum, fault) => sum + fault.struck, 0);
}

/** Without trouble, a few runs do what is left. */
async function settle(world: FaultWorld, { last }: FaultCase): Promise<void> {
  await world.setModel(last);
  // Beyond the longest pause of a rejected row.
  world.passHours(25);
  for (let runs = 0; runs < mostRunsToSettle; runs += 1) {
    const writesBefore = await world.writeCalls();
    const result = await world.run({ kind: 'lives' });
    if (result === null) throw new Error('A run without trouble did not come to its end');
    const { created, updated, cleared, deferred, lists } = result;
    const changes = lists.reduce((sum, list) => sum + list.added + list.removed, created + updated + cleared);
    if (changes + deferred > 0) continue;
    // Rows that HubSpot refuses are sent when their pause is over, and wait in the run after that.
    if (result.newly_rejected > 0) continue;
    assert.equal((await world.writeCalls()) - writesBefore, 0, 'an unchanged run wrote something');
    return;
  }
  throw new Error(`After ${mostRunsToSettle} runs without trouble there is still something to send`);
}

async function expectHubSpotToEqualModel(world: FaultWorld, { last, recreate }: FaultCase): Promise<void> {
  const records = await world.records();
  const deleted = await world.deletedValues();
  const rows = Object.entries(last.model).flatMap(([key, lead]) =>
    lead.name === null ? [] : [{ key, lead, name: lead.name, value: world.valueOf(lead.name).toLowerCase() }],
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
    if (record !== undefined && holders.get(record.id) !== 1) mayBeMembers.add(record.id);
    if (world.isRefused(name) || holders.get(record?.id ?? value) !== 1) continue;
    if (record === undefined) {
      const mayBeGone = !recreate && deleted.has(value);
      assert.ok(mayBeGone, `row ${key} has no record of ${value}`);
      continue;
    }
    const { lead_score: score, lead_tier: tier } = record.properties;
    const wanted = { tier: tierOf(lead), ...(lead.score !== null && { score: lead.score }) };
    const held = { tier, ...(lead.score !== null && { score: Number(score) }) };
    assert.deepEqual(held, wanted, `the record of row ${key} (${value}) is not as the model has it`);
    if (wanted.tier === 'hot') {
      assert.ok(members.has(record.id), `row ${key} is no member of the list`);
      mayBeMembers.add(record.id);
    }
  }
  const live = new Set([...records.values()].map(({ id }) => id));
  const strangers = [...members].filter((id) => live.has(id) && !mayBeMembers.has(id));
  assert.deepEqual(strangers, [], 'records are members that should not be');
}

async function expectForeignersToStay(world: FaultWorld): Promise<void> {
  const live = new Set([...(await world.records()).values()].map(({ id }) => id));
  const members = new Set(await world.members());
  const lost = [...world.foreigners].filter((id) => live.has(id) && !members.has(id));
  assert.deepEqual(lost, [], 'members whom others added were removed');
}

async function expectNothingTwice(world: FaultWorld, { object }: FaultCase, wasQuiet: boolean): Promise<void> {
  const records = await world.sandbox.records(object);
  const keys = records.map(({ properties }) => properties[object === 'companies' ? 'domain' : 'email'] ?? '');
  const named = keys.filter((key) => key !== '');
  assert.equal(named.length, new Set(named).size, 'a record was created twice');
  if (!wasQuiet) return;
  const idle = records.filter(({ writes, changes }) => writes > changes);
  assert.deepEqual(idle, [], 'a write changed nothing, and there was no trouble');
}
