import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import { scorelineKeyProperty } from '../../src/hubspot/records/scoreline-key.ts';
import type { HubSpot, WriteOutcome } from '../../src/hubspot/types.ts';
import type { FaultInput } from '../../src/sandbox/traffic/fault.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { InstantClock } from '../support/instant-clock.ts';

/** Everything that HubSpot or the way there may do to a call, before and after it is carried out. */
const effects: readonly FaultInput['effect'][] = [
  { kind: 'locked' },
  { kind: 'migrating', retryAfterSeconds: 5 },
  { kind: 'rate_limited', policy: 'burst' },
  ...[false, true].flatMap((commit): FaultInput['effect'][] => [
    { kind: 'internal_error', commit },
    { kind: 'gateway', status: 502, commit },
    { kind: 'gateway', status: 504, format: 'none', commit },
    { kind: 'drop', commit },
    { kind: 'empty_answer', commit },
    { kind: 'empty_results', commit },
  ]),
  { kind: 'drop', commit: true, midway: true },
  { kind: 'broken_json' },
  { kind: 'missing_results', count: 3 },
  { kind: 'no_trace_ids' },
];

const faults = fc.array(
  fc
    .record({ effect: fc.constantFrom(...effects), probability: fc.constantFrom(0.1, 0.3, 0.6), seed: fc.nat(1000) })
    // A search that passes over a record is like one whose index lags, which nobody can tell from a missing record.
    .map((fault) => ({ ...fault, match: { path: fault.effect.kind === 'missing_results' ? 'batch' : 'objects' } })),
  { maxLength: 4 },
);

interface Row {
  readonly value: string;
  readonly score: string;
}

interface Job {
  readonly hubspot: HubSpot;
  readonly object: string;
  readonly property: string;
}

/** One pass as a sync makes it: find the records, update those there are, create the others. @returns rows left */
async function pass({ hubspot, object, property }: Job, rows: readonly Row[]): Promise<readonly Row[]> {
  const values = rows.map(({ value }) => value);
  const found = await hubspot.records.resolve({ object, property, values, properties: [] });
  const updates: { row: Row; recordId: string }[] = [];
  const creates: Row[] = [];
  for (const row of rows) {
    const resolution = found.get(row.value);
    if (resolution?.kind === 'found') updates.push({ row, recordId: resolution.recordId });
    else creates.push(row);
  }
  const [updated, created] = await Promise.all([
    hubspot.records.write({
      kind: 'update',
      object,
      records: updates.map(({ row, recordId }) => ({
        traceId: row.value,
        recordId,
        properties: { lead_score: row.score },
      })),
    }),
    hubspot.records.write({
      kind: 'create',
      object,
      matchProperty: property,
      records: creates.map(({ value, score }) => ({
        traceId: value,
        matchValue: value,
        properties: { lead_score: score },
      })),
    }),
  ]);
  const isOpen = (outcomes: readonly WriteOutcome[], index: number) => outcomes[index]?.kind !== 'accepted';
  return [
    ...updates.map(({ row }) => row).filter((_, index) => isOpen(updated, index)),
    ...creates.filter((_, index) => isOpen(created, index)),
  ];
}

async function converge(job: Job, sandbox: ControlledSandbox, rows: readonly Row[]): Promise<void> {
  let left = rows;
  for (let round = 1; left.length > 0; round += 1) {
    expect(round).toBeLessThan(20);
    if (round === 10) await sandbox.clearFaults();
    try {
      left = await pass(job, left);
    } catch (error) {
      if (!(error instanceof ScorelineError && error.retryable)) throw error;
    }
  }
}

describe.each([
  ['contacts', 'email', (index: number) => `p${index}@acme.example`],
  ['companies', 'domain', (index: number) => `firm${index}.example`],
])('writing %s through trouble', (object, property, valueAt) => {
  it('ends with every row written and no record made twice', async () => {
    const scene = fc.record({
      faults,
      size: fc.integer({ min: 1, max: 220 }),
      existing: fc.nat(50),
      traceIdsEchoed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(scene, async ({ faults: trouble, size, existing, traceIdsEchoed }) => {
        const limits = { burstPer10s: null, searchPerSecond: null };
        const sandbox = await controlledSandbox({
          settings: { limits, switches: { traceIdsEchoed, tracedSuccessIs207: !traceIdsEchoed } },
        });
        const hubspot = connectHubSpot({
          baseUrl: sandbox.url,
          token: sandbox.token,
          apiVersion: 'v3',
          dailyReserveRatio: 0,
          burstPer10s: 1_000_000,
          clock: new InstantClock(),
        });
        try {
          const groupName = object === 'contacts' ? 'contactinformation' : 'companyinformation';
          const score = {
            name: 'lead_score',
            label: 'Score',
            description: '',
            type: 'number',
            fieldType: 'number',
            groupName,
          };
          await hubspot.schema.createProperty(object, score);
          await hubspot.schema.createProperty(object, { ...scorelineKeyProperty, groupName });
          await sandbox.seed(
            object,
            Array.from({ length: Math.min(size, existing) }, (_, index) => ({ [property]: valueAt(index) })),
          );
          await sandbox.addFaults(...trouble);
          const rows = Array.from({ length: size }, (_, index) => ({ value: valueAt(index), score: String(index) }));
          await converge({ hubspot, object, property }, sandbox, rows);
          const records = await sandbox.records(object);
          expect(records).toHaveLength(size);
          const scores = new Map(records.map(({ properties }) => [properties[property], properties.lead_score]));
          expect(scores).toEqual(new Map(rows.map(({ value, score: wanted }) => [value, wanted])));
          expect(records.every(({ changes }) => changes === 1)).toBe(true);
        } finally {
          await hubspot.close();
          await sandbox.close();
        }
      }),
      { numRuns: 20 },
    );
  });
});
