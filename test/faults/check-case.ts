import assert from 'node:assert/strict';
import { expectBalance } from './expect-balance.ts';
import { expectForeignersToStay, expectHubSpotToEqualModel } from './expect-hubspot.ts';
import type { FaultCase, Step } from './fault-case.ts';
import { FaultWorld, isWrite, type Ran } from './fault-world.ts';
import { count, type Survived } from './survived.ts';

const mostRunsToSettle = 7;

/** Goes through a case and checks what must hold afterwards. */
export async function checkCase(settings: FaultCase, survived: Survived): Promise<void> {
  const world = await FaultWorld.open(settings);
  try {
    let before: Step | null = null;
    for (const step of settings.steps) {
      await goThrough(world, step, survived);
      if (before !== null && isLimitedRun(before) && isLimitedRun(step)) await expectDeferredFirst(world);
      before = step;
    }
    const wasQuiet =
      world.kills === 0 &&
      world.runs.every(
        ({ couldWrite, faults }) => couldWrite && faults.every(({ id, struck }) => id === 'poison' || struck === 0),
      );
    await settle(world, settings);
    await expectHubSpotToEqualModel(world, settings);
    // After a lost answer nobody can say who was a member before: such members count as ours.
    if (wasQuiet) await expectForeignersToStay(world);
    await expectBalance(world, settings);
    survived.cases += 1;
  } finally {
    await world.close();
  }
}

function isLimitedRun({ task, fate }: Step): boolean {
  return task === 'run' && fate.kind === 'limited';
}

async function goThrough(world: FaultWorld, step: Step, survived: Survived): Promise<void> {
  const { task, fate, jump, edits, hours, events, faults } = step;
  await world.setModel(step);
  for (const event of events) await world.happen(event);
  await world.poison();
  await world.sandbox.addFaults(...faults);
  world.passHours(hours);
  const killsBefore = world.kills;
  const ran = await world.run(task, fate, { jump, edits });
  await world.sandbox.clearFaults();
  survived.runs += 1;
  for (const { effect, struck } of ran.faults) count(survived.faults, nameOf(effect), struck);
  for (const { kind } of events) count(survived.others, kind);
  if (task !== 'run') count(survived.others, task);
  for (const name of Object.keys(edits)) count(survived.others, `${name} edited`);
  if (jump !== null || hours < 0) count(survived.others, 'clock jumped');
  if (fate.kind === 'killed') {
    const { death } = fate;
    const at = death.at === 'statement' ? `${death.moment} ${death.of} statement` : `at ${death.at}`;
    count(survived.kills, at, world.kills - killsBefore);
  } else if (fate.kind !== 'lives' && ran.result === null) count(survived.others, fate.kind);
}

function nameOf(effect: Ran['faults'][number]['effect']): string {
  if (effect.kind === 'status' || effect.kind === 'gateway') return `${effect.kind} ${effect.status}`;
  if (effect.kind === 'rate_limited') return `429 ${effect.policy}`;
  const committed = 'commit' in effect ? (effect.commit ? ' after commit' : ' before commit') : '';
  return `${effect.kind}${committed}`;
}

/** Without trouble, a few runs do what is left; what others changed in HubSpot is put back where somebody asks for it. */
async function settle(world: FaultWorld, { last }: FaultCase): Promise<void> {
  await world.setModel(last);
  await world.poison();
  world.passAllPauses();
  let isMended = false;
  for (let runs = 0; runs < mostRunsToSettle; runs += 1) {
    const { result, requests } = await world.run('run', { kind: 'lives' });
    if (result === null) throw new Error('A run without trouble did not come to its end');
    // Rows that HubSpot refuses are sent when their pause is over, and wait in the run after that.
    if (requests.some(isWrite)) continue;
    if (world.edits.size > 0 && !isMended) {
      isMended = true;
      await world.run('mend', { kind: 'lives' });
      continue;
    }
    const { created, updated, cleared, deferred, lists } = result;
    const changes = lists.reduce((sum, list) => sum + list.added + list.removed, created + updated + cleared);
    assert.equal(changes + deferred, 0, 'a run that wrote nothing says that it did, or left something over');
    return;
  }
  throw new Error(`After ${mostRunsToSettle} runs without trouble there is still something to send`);
}

/** Under a limit, no row that was left over by the run before waits for one that was not. */
async function expectDeferredFirst(world: FaultWorld): Promise<void> {
  const [before, after] = world.runs.slice(-2);
  if (!before?.result || !after?.result || after.requests.some(({ fault }) => fault !== undefined)) return;
  const attempted = (run: Ran) =>
    `select model_key from $.ledger where plan_id = '${run.runId}-leads' and list is null and outcome <> 'deferred'`;
  const planned = (run: Ran) =>
    `select model_key from $.plan_rows where plan_id = '${run.runId}-leads' and list is null and verdict = 'send'`;
  const leftOver = `(select model_key from (${planned(before)}) where model_key not in (${attempted(before)}))`;
  const [counts] = await world.query(`select
  (select count(*)::int from (${planned(after)}) where model_key in ${leftOver} and model_key not in (${attempted(after)})) as waiting,
  (select count(*)::int from (${planned(after)}) where model_key not in ${leftOver} and model_key in (${attempted(after)})) as newcomers`);
  const { waiting, newcomers } = counts ?? {};
  assert.ok(waiting === 0 || newcomers === 0, `${waiting} rows still wait, and ${newcomers} others went before them`);
}
