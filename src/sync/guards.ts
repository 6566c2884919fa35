import type { GuardLimit, Guards } from '../project/sync-types.ts';
import type { CountedRows, GuardFacts } from './guard-facts.ts';

export const guardNames = [
  'max_changed',
  'max_removed',
  'max_created',
  'max_tier_moves',
  'max_null',
  'min_rows',
] as const;
export type GuardName = (typeof guardNames)[number];

/** A limit that a plan does not keep. */
export interface Violation {
  readonly guard: GuardName;
  /** `lead_score` of `max_null`, `list hot_leads` of `max_removed`; null where the whole plan is meant. */
  readonly of: string | null;
  readonly rows: number;
  /** What a share is taken of; null where a number of rows is the limit. */
  readonly ofRows: number | null;
  /** As the file writes it: `20%`, `500`. */
  readonly limit: string;
  /** Key of a row that is meant; null where none is there. */
  readonly example: string | null;
  /** In one sentence, with the number, the limit and the example. */
  readonly message: string;
}

/**
 * Judges a frozen plan by its sync's limits. Shares are of the rows in the snapshot (`max_null`: of the model's rows,
 * `max_tier_moves`: of those with a tier before and after) and do not apply on a first sync or to properties that are new
 * to it; numbers of rows always do. A limit is broken strictly above it, `min_rows` strictly below.
 */
export function judgeGuards(guards: Guards, facts: GuardFacts): readonly Violation[] {
  const { modelRows, newProperties, allNew } = facts;
  const ofSnapshot = allNew ? null : facts.snapshotRows;
  return [
    ...judge('max_changed', guards.maxChanged, {
      ...facts.changed,
      what: 'rows would be changed',
      ofRows: ofSnapshot,
      shareRows: facts.changedInKnown,
      whole: 'rows in the snapshot',
    }),
    ...judge('max_removed', guards.maxRemoved, {
      ...facts.removed,
      what: 'rows left the model or are excluded, and would be cleared',
      ofRows: ofSnapshot,
      whole: 'rows in the snapshot',
    }),
    ...facts.lists.flatMap(({ list, removed }) =>
      judge('max_removed', guards.maxRemoved, {
        rows: removed,
        example: null,
        of: `list ${list}`,
        what: `members would be taken off the list ${list}`,
        ofRows: ofSnapshot,
        whole: 'rows in the snapshot',
      }),
    ),
    ...judge('max_created', guards.maxCreated, {
      ...facts.created,
      what: 'records would be created',
      ofRows: ofSnapshot,
      whole: 'rows in the snapshot',
    }),
    ...judge('max_tier_moves', guards.maxTierMoves, {
      ...facts.tierMoves,
      what: `rows would change their tier${byModel(facts)}`,
      ofRows: allNew ? null : facts.tieredRows,
      whole: 'rows with a tier before and after',
    }),
    ...facts.nulls.flatMap(({ property, rows, example }) =>
      judge('max_null', guards.maxNull, {
        rows,
        example,
        of: property,
        what: `rows of the model have no value for ${property}`,
        ofRows: allNew || newProperties.includes(property) ? null : modelRows,
        whole: 'rows of the model',
      }),
    ),
    ...judgeMinRows(guards.minRows, modelRows),
  ];
}

/**
 * What `max_null` lets pass now, because properties are new, and will stop from the next plan on: better said before the
 * job runs at night.
 */
export function foreseeNulls(guards: Guards, facts: GuardFacts): readonly Violation[] {
  const later = { ...facts, newProperties: [], allNew: false };
  const isNew = (property: string | null) => property !== null && facts.newProperties.includes(property);
  return judgeGuards(guards, later).filter(
    ({ guard, of, ofRows }) => guard === 'max_null' && isNew(of) && ofRows !== null,
  );
}

/** A new version may move everybody at once. Once a person let a plan with it through, its moves are counted no more. */
function byModel({ movedByModel = 0 }: GuardFacts): string {
  return movedByModel === 0 ? '' : `, ${number(movedByModel)} of them by another version of the model`;
}

interface Measured extends CountedRows {
  readonly of?: string;
  readonly what: string;
  /** Null where shares do not apply. */
  readonly ofRows: number | null;
  /** The rows that the share is judged by, where it is not all of them. */
  readonly shareRows?: number;
  /** What `ofRows` counts. */
  readonly whole: string;
}

function judge(guard: GuardName, limit: GuardLimit, measured: Measured): readonly Violation[] {
  const { rows, shareRows = rows, ofRows, of = null, what, whole } = measured;
  const example = rows === 0 ? null : measured.example;
  const shown = example === null ? '' : `, such as ${example}`;
  if (limit.shareRatio !== undefined && ofRows !== null && isAbove(shareRows, limit.shareRatio, ofRows)) {
    const ratio = ofRows === 0 ? '' : ` (${percent(shareRows / ofRows)})`;
    const message = `${number(shareRows)} ${what}${ratio}${shown}; ${guard} is ${percent(limit.shareRatio)} of ${number(ofRows)} ${whole}`;
    return [{ guard, of, rows: shareRows, ofRows, limit: percent(limit.shareRatio), example, message }];
  }
  if (limit.rows !== undefined && rows > limit.rows) {
    const message = `${number(rows)} ${what}${shown}; ${guard} is ${number(limit.rows)}`;
    return [{ guard, of, rows, ofRows: null, limit: String(limit.rows), example, message }];
  }
  return [];
}

/** A hair of room, so that 7% of 100 rows are 7 and not 7.000000000000001. */
function isAbove(rows: number, shareRatio: number, ofRows: number): boolean {
  return rows > shareRatio * ofRows * (1 + 1e-12);
}

function judgeMinRows(minRows: number, modelRows: number): readonly Violation[] {
  if (modelRows >= minRows) return [];
  const message = `the model has ${number(modelRows)} rows; min_rows is ${number(minRows)}`;
  const limit = String(minRows);
  return [{ guard: 'min_rows', of: null, rows: modelRows, ofRows: null, limit, example: null, message }];
}

function number(rows: number): string {
  return rows.toLocaleString('en-US');
}

/** `20%`, `0.05%`: as many digits as tell it from its neighbours. */
function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 })}%`;
}
