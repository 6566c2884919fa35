import fc from 'fast-check';
import type { FaultInput } from '../../src/sandbox/traffic/fault.ts';

/** One row of the model. */
export interface Lead {
  /** The local part of an address, or of a domain; null: none. */
  readonly name: string | null;
  readonly score: number | null;
  /** Whether the audience has it. */
  readonly listed: boolean;
  /** Whether the sync excludes it, if it excludes rows. */
  readonly excluded: boolean;
}

/** Rows by key. */
export type Model = Readonly<Record<string, Lead>>;

/** Statements that a process may die at, told by what they are for. */
export const statements = {
  any: /./,
  plan: /^(compare|look up|freeze|keep the plan|begin to apply)/,
  checkpoint: /to the ledger$/,
  fold: /^(start the run|fold|finish the run)/,
} as const;

export type Death =
  /** When HubSpot has done the n-th request of a kind, whose answer nobody hears. */
  | { readonly at: 'request' | 'write' | 'membership'; readonly after: number }
  /** At the n-th statement of a kind. Within: where a script has come half-way, as some warehouses leave it. */
  | {
      readonly at: 'statement';
      readonly moment: 'before' | 'within' | 'behind';
      readonly of: keyof typeof statements;
      readonly after: number;
    };

/** What happens to one run. */
export type Fate =
  | { readonly kind: 'lives' }
  /** It sends no more rows than these. */
  | { readonly kind: 'limited'; readonly rows: number }
  /** The signal of the terminal, when HubSpot gets the n-th request. */
  | { readonly kind: 'interrupted'; readonly atRequest: number }
  /** From the n-th statement on, the warehouse answers none. */
  | { readonly kind: 'warehouse away'; readonly after: number }
  /** Dead from one moment to the next. */
  | { readonly kind: 'killed'; readonly death: Death };

/** What a run is asked to do. */
export type Task =
  | 'run'
  /** `apply`: goes on with the last plan, if it is neither done nor stale. */
  | 'resume'
  /** `audit --fix` */
  | 'mend'
  /** `rollback` of the run before. */
  | 'roll back';

/** What others do in HubSpot before a run; names lead to records as far as there are any. */
export type Event =
  | { readonly kind: 'deleted'; readonly name: string }
  | { readonly kind: 'merged'; readonly winner: string; readonly loser: string }
  | { readonly kind: 'made'; readonly name: string }
  | { readonly kind: 'joined'; readonly name: string }
  /** Writes over the score; null empties it. */
  | { readonly kind: 'edited'; readonly name: string; readonly score: number | null };

/** The clock of the machine is set to another hour. */
export interface Jump {
  /** At the n-th time that the run asks for it. */
  readonly atReading: number;
  readonly hours: number;
}

/** What of the sync may be another from run to run: somebody edits its file. */
export interface SyncSettings {
  readonly mode: 'upsert' | 'mirror';
  readonly nulls: 'skip' | 'clear';
  readonly recreate: boolean;
  /** What becomes of the properties of excluded rows. */
  readonly exclude: 'nobody' | 'keep' | 'clear';
  readonly properties: 'both' | 'score' | 'tier';
  readonly hasList: boolean;
}

export interface Step {
  readonly task: Task;
  /** Where the sync's file is not as in the end. */
  readonly edits: Partial<SyncSettings>;
  readonly model: Model;
  /** Further rows, each with a name of its own, so that there are several batches. */
  readonly bulk: number;
  readonly events: readonly Event[];
  readonly faults: readonly FaultInput[];
  readonly fate: Fate;
  /** Since the run before; a clock that was set back makes it negative. */
  readonly hours: number;
  readonly jump: Jump | null;
}

export interface FaultCase extends SyncSettings {
  readonly object: 'contacts' | 'companies';
  /** Without it nobody else writes values, so that all that is found is Scoreline's own. */
  readonly adopt: boolean;
  readonly membersPerCall: number;
  readonly steps: readonly Step[];
  readonly last: Pick<Step, 'model' | 'bulk'>;
}

/** HubSpot refuses every batch that has this score in it. */
export const poison = 66;

export const badName = 'bad name';

/** Few of them, so that rows meet on one, swap them, and leave them to others; HubSpot refuses the last one. */
const name = fc.constantFrom('p1', 'P1', 'p2', 'p3', 'p4', 'p5', 'p6', badName);

const lead: fc.Arbitrary<Lead> = fc.record({
  name: fc.option(name, { freq: 8 }),
  score: fc.option(fc.constantFrom(1, 2, 70, 80, 1, 2, 70, 80, poison), { freq: 8 }),
  listed: fc.boolean(),
  excluded: fc.constantFrom(false, false, false, true),
});

const model = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), lead, { minKeys: 1 });

const bulk = fc.oneof(
  { weight: 15, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 90, max: 130 }) },
);

const few = fc.integer({ min: 1, max: 4 });

const death: fc.Arbitrary<Death> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ at: fc.constant('write' as const), after: few }) },
  { weight: 2, arbitrary: fc.record({ at: fc.constant('membership' as const), after: few }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constant('request' as const), after: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      at: fc.constant('statement' as const),
      moment: fc.constantFrom('before' as const, 'within' as const, 'behind' as const),
      of: fc.constantFrom('plan' as const, 'checkpoint' as const, 'checkpoint' as const, 'fold' as const),
      after: few,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      at: fc.constant('statement' as const),
      moment: fc.constantFrom('before' as const, 'within' as const, 'behind' as const),
      of: fc.constant('any' as const),
      after: fc.integer({ min: 1, max: 20 }),
    }),
  },
);

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'lives' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('limited' as const), rows: few }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('interrupted' as const), atRequest: fc.integer({ min: 1, max: 15 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('warehouse away' as const), after: fc.integer({ min: 1, max: 20 }) }),
  },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('killed' as const), death }) },
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
    status: fc.constantFrom(502 as const, 503 as const, 504 as const, 521 as const, 522 as const, 523 as const),
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
  fc.record({ kind: fc.constantFrom('unauthorized' as const, 'missing_scope' as const) }),
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

const path = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('batch/(create|upsert)', 'batch/update', 'batch/(create|update|upsert)'),
  },
  { weight: 3, arbitrary: fc.constant('memberships/(add|remove|$)') },
  { weight: 1, arbitrary: fc.constantFrom('batch/read|search', 'lists', '/') },
);

const fault: fc.Arbitrary<FaultInput> = fc.record({
  match: fc.record({ path }),
  after: fc.constantFrom(0, 0, 1, 2),
  probability: fc.constantFrom(1, 0.5),
  seed: fc.integer({ min: 1, max: 1000 }),
  // Null: HubSpot stays as it is to the end of the run.
  times: fc.constantFrom(1, 1, 2, 8, null),
  effect,
});

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('deleted' as const), name }),
  fc.record({ kind: fc.constant('merged' as const), winner: name, loser: name }),
  fc.record({ kind: fc.constant('made' as const), name }),
  fc.record({ kind: fc.constant('joined' as const), name }),
  fc.record({ kind: fc.constant('edited' as const), name, score: fc.constantFrom(null, 1, 5, 80) }),
);

const jump = fc.record({ atReading: fc.integer({ min: 1, max: 12 }), hours: fc.constantFrom(-30, -2, 2, 30) });

const editable = {
  mode: fc.constantFrom('upsert' as const, 'mirror' as const),
  nulls: fc.constantFrom('skip' as const, 'clear' as const),
  recreate: fc.boolean(),
  exclude: fc.constantFrom('nobody' as const, 'keep' as const, 'clear' as const),
};

const edits: fc.Arbitrary<Partial<SyncSettings>> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      { ...editable, properties: fc.constantFrom('score' as const, 'tier' as const), hasList: fc.constant(false) },
      { requiredKeys: [] },
    ),
  },
);

const settings = {
  ...editable,
  object: fc.constantFrom('contacts' as const, 'contacts' as const, 'companies' as const),
  adopt: fc.boolean(),
  properties: fc.constant('both' as const),
  hasList: fc.constant(true),
  membersPerCall: fc.constantFrom(1, 2, 10_000),
};

/** The models come from few, so that rows, values and members go and come back. */
const models = fc.array(model, { minLength: 2, maxLength: 3 });
const place = fc.nat();

const task: fc.Arbitrary<Task> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('run' as const) },
  { weight: 2, arbitrary: fc.constantFrom('resume' as const, 'mend' as const, 'roll back' as const) },
);

const troubledStep = fc.record({
  task,
  edits,
  place,
  bulk,
  events: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(event, { minLength: 1, maxLength: 2 }) },
  ),
  faults: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(fault, { minLength: 1, maxLength: 3 }) },
  ),
  fate,
  hours: fc.constantFrom(0, 0, 0, 0, 2, 25, -3, -30),
  jump: fc.option(jump, { freq: 6 }),
});

/** One row after the other, by a limit: no other trouble, so that the order of rows can be told. */
const limitedStep = fc.record({
  task: fc.constant('run' as const),
  edits: fc.constant({}),
  place,
  bulk: fc.constant(0),
  events: fc.constant([]),
  faults: fc.constant([]),
  fate: fc.record({ kind: fc.constant('limited' as const), rows: fc.constantFrom(1, 1, 2) }),
  hours: fc.constant(0),
  jump: fc.constant(null),
});

type PlacedStep = Omit<Step, 'model'> & { readonly place: number };

function cases(step: fc.Arbitrary<PlacedStep>, minLength: number): fc.Arbitrary<FaultCase> {
  return fc
    .record({ ...settings, models, steps: fc.array(step, { minLength, maxLength: 4 }), place })
    .map(({ models: pool, steps, place: lastPlace, ...rest }) => {
      const modelAt = (index: number) => pool[index % pool.length] ?? {};
      return {
        ...rest,
        steps: steps.map(({ place: at, events, ...each }) => ({
          ...each,
          events: rest.adopt ? events : events.filter(({ kind }) => kind !== 'edited'),
          model: modelAt(at),
        })),
        last: { model: modelAt(lastPlace), bulk: 0 },
      };
    });
}

const quiet = { task: 'run', edits: {}, bulk: 0, events: [], faults: [], hours: 0, jump: null } as const;

/** A change that dies on its way is taken back: the model is as HubSpot accepted it last, and HubSpot may not be. */
const takenBack: fc.Arbitrary<FaultCase> = fc
  .record({
    ...settings,
    model,
    changes: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), lead, { minKeys: 2 }),
    death: fc.oneof(
      fc.record({ at: fc.constantFrom('write' as const, 'membership' as const), after: fc.constantFrom(1, 2) }),
      fc.record({
        at: fc.constant('statement' as const),
        moment: fc.constantFrom('before' as const, 'within' as const, 'behind' as const),
        of: fc.constant('checkpoint' as const),
        after: few,
      }),
    ),
  })
  .map(({ model: first, changes, death: by, ...rest }) => ({
    ...rest,
    steps: [
      { ...quiet, model: first, fate: { kind: 'lives' } },
      { ...quiet, model: { ...first, ...changes }, fate: { kind: 'killed', death: by } },
    ],
    last: { model: first, bulk: 0 },
  }));

export const faultCase: fc.Arbitrary<FaultCase> = fc.oneof(
  { weight: 8, arbitrary: cases(troubledStep, 1) },
  { weight: 3, arbitrary: takenBack },
  { weight: 1, arbitrary: cases(limitedStep, 3) },
);
