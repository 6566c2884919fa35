import fc from 'fast-check';
import type { FaultInput } from '../../src/sandbox/traffic/fault.ts';

/** One row of the model. */
export interface Lead {
  /** The local part of an address, or of a domain; null: none. */
  readonly name: string | null;
  readonly score: number | null;
}

export type Model = Readonly<Record<string, Lead>>;

/** What happens to one run. */
export type Fate =
  | { readonly kind: 'lives' }
  /** The signal of the terminal, when HubSpot gets the n-th request. */
  | { readonly kind: 'interrupted'; readonly atRequest: number }
  /** Dead from one moment to the next: when HubSpot gets the n-th request, before or behind the n-th statement. */
  | {
      readonly kind: 'killed';
      readonly at: 'request' | 'before statement' | 'behind statement';
      readonly after: number;
    };

/** What others do in HubSpot before a run; names lead to records as far as there are any. */
export type Event =
  | { readonly kind: 'deleted'; readonly name: string }
  | { readonly kind: 'merged'; readonly winner: string; readonly loser: string }
  | { readonly kind: 'made'; readonly name: string }
  | { readonly kind: 'joined'; readonly name: string };

export interface Step {
  readonly model: Model;
  /** Further rows, each with a name of its own, so that there are several batches. */
  readonly bulk: number;
  readonly events: readonly Event[];
  readonly faults: readonly FaultInput[];
  readonly fate: Fate;
}

export interface FaultCase {
  readonly object: 'contacts' | 'companies';
  readonly recreate: boolean;
  readonly membersPerCall: number;
  readonly steps: readonly Step[];
  readonly last: Pick<Step, 'model' | 'bulk'>;
}

/** Few of them, so that rows meet on one, swap them, and leave them to others; HubSpot refuses the last one. */
const name = fc.constantFrom('p1', 'P1', 'p2', 'p3', 'p4', 'p5', 'p6', badName());

export function badName(): string {
  return 'bad name';
}

const lead: fc.Arbitrary<Lead> = fc.record({
  name: fc.option(name, { freq: 8 }),
  score: fc.option(fc.constantFrom(1, 2, 70, 80), { freq: 8 }),
});

const model = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), lead, { minKeys: 1 });
const bulk = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 90, max: 320 }) },
);

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'lives' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('interrupted' as const), atRequest: fc.integer({ min: 1, max: 15 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('killed' as const),
      at: fc.constantFrom('request' as const, 'before statement' as const, 'behind statement' as const),
      after: fc.integer({ min: 1, max: 20 }),
    }),
  },
);

const commit = fc.boolean();

const effect = fc.oneof(
  fc.record({
    kind: fc.constant('rate_limited' as const),
    policy: fc.constantFrom('burst' as const, 'daily' as const),
  }),
  fc.record({ kind: fc.constant('locked' as const) }),
  fc.record({ kind: fc.constant('migrating' as const), retryAfterSeconds: fc.constantFrom(1, 3600) }),
  fc.record({ kind: fc.constant('internal_error' as const), commit }),
  fc.record({
    kind: fc.constant('gateway' as const),
    status: fc.constantFrom(502 as const, 503 as const, 504 as const, 521 as const, 523 as const),
    format: fc.constantFrom('html' as const, 'none' as const),
    commit,
  }),
  fc.record({ kind: fc.constant('timeout' as const), afterMs: fc.constant(0), commit }),
  fc.record({ kind: fc.constant('drop' as const), commit, midway: fc.boolean() }),
  fc.record({ kind: fc.constant('empty_answer' as const), commit }),
  fc.record({ kind: fc.constant('empty_results' as const), commit }),
  fc.record({ kind: fc.constant('missing_results' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('no_trace_ids' as const) }),
  fc.record({ kind: fc.constant('empty_errors' as const) }),
  fc.record({ kind: fc.constant('broken_json' as const), commit: fc.constant(true) }),
  fc.record({
    kind: fc.constant('conflict' as const),
    records: fc.constantFrom('p1@one.example', 'p2.example').map((value) => [value]),
  }),
  fc.record({
    kind: fc.constant('vanish' as const),
    how: fc.constantFrom('delete' as const, 'merge' as const),
    count: fc.integer({ min: 1, max: 2 }),
  }),
);

const fault = fc.record({
  match: fc.record({
    path: fc.constantFrom(
      'batch/(create|upsert)',
      'batch/update',
      'batch/(create|update|upsert)',
      'batch/read|search',
      'memberships',
      'lists',
      '/',
    ),
  }),
  after: fc.integer({ min: 0, max: 3 }),
  probability: fc.constantFrom(1, 0.5),
  seed: fc.integer({ min: 1, max: 1000 }),
  times: fc.constantFrom(1, 1, 2, 8),
  effect,
});

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('deleted' as const), name }),
  fc.record({ kind: fc.constant('merged' as const), winner: name, loser: name }),
  fc.record({ kind: fc.constant('made' as const), name }),
  fc.record({ kind: fc.constant('joined' as const), name }),
);

const step: fc.Arbitrary<Step> = fc.record({
  model,
  bulk,
  events: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(event, { minLength: 1, maxLength: 2 }) },
  ),
  faults: fc.array(fault, { maxLength: 3 }),
  fate,
});

export const faultCase: fc.Arbitrary<FaultCase> = fc.record({
  object: fc.constantFrom('contacts', 'contacts', 'companies'),
  recreate: fc.boolean(),
  membersPerCall: fc.constantFrom(1, 2, 10_000),
  steps: fc.array(step, { minLength: 1, maxLength: 3 }),
  last: fc.record({ model, bulk: fc.constant(0) }),
});
