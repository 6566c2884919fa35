import type { ColumnType } from '../sql/types.ts';

/**
 * The state schema as data: created, migrated and documented from here alone. A column is never renamed or retyped; a new
 * one is added, with a null for the rows that are there, and `stateVersion` goes up.
 */
export const stateVersion = 6;

export interface StateColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** What it means, for the README's chapter. */
  readonly meaning: string;
}

export interface StateTable {
  /** What one row is. */
  readonly grain: string;
  /** Columns that no two rows may share where two processes might make a row at the same time. */
  readonly unique?: readonly string[];
  readonly columns: readonly StateColumn[];
}

const text = (name: string, meaning: string): StateColumn => ({ name, type: { kind: 'text' }, meaning });
const integer = (name: string, meaning: string): StateColumn => ({ name, type: { kind: 'integer' }, meaning });
const double = (name: string, meaning: string): StateColumn => ({ name, type: { kind: 'double' }, meaning });
const boolean = (name: string, meaning: string): StateColumn => ({ name, type: { kind: 'boolean' }, meaning });
const instant = (name: string, meaning: string): StateColumn => ({ name, type: { kind: 'timestamp' }, meaning });

const portalId = integer('portal_id', 'the HubSpot account');
const sync = text('sync', 'name of the sync');
const modelKey = text('model_key', "the model's key as text; a key of several columns as a JSON object");
const planId = text('plan_id', 'the plan');
const recordId = text('record_id', "HubSpot's id of the record");
const identityId = text(
  'identity_id',
  'the identity: a salted hash of the match value, which stands in `identities` alone',
);
const list = text('list', "the list's key in the sync's file; null for rows of records");
const valuesHash = text('values_hash', "digest of the row's match value and of its values that may cause a write");
const companionsHash = text('companions_hash', "digest of the row's values that only go along (`with_changes_only`)");
const tier = text('tier', "the row's tier; null for models without tiers");

export const stateTables = {
  meta: {
    grain: 'one setting of the state itself',
    columns: [
      text('name', '`version`: of these tables; `salt`: a random text that makes identities unguessable'),
      text('value', 'its value'),
    ],
  },
  runs: {
    grain: 'one execution of a command that plans or applies',
    columns: [
      text('run_id', 'the run; sorts by time'),
      text('command', 'what was asked for, such as `run`'),
      text('target', "the project's target"),
      instant('as_of', "the run's instant"),
      instant('started_at', 'when it started'),
      instant('ended_at', 'when it ended; null while it works'),
      text(
        'status',
        '`running`, `finished`, `interrupted`, `failed`, or `killed`: found without an end by a later run',
      ),
      text('error_code', 'the code of the error that ended it'),
      instant(
        'ledger_pruned_at',
        'when its outcomes were removed from the ledger, as `retention` says; null while they are there',
      ),
      integer(
        'statements',
        'what it asked of the warehouse until its end was written; null while it works, or if it was killed',
      ),
      double('warehouse_seconds', 'time that it waited for those; what ran side by side counts each'),
      integer('bytes_billed', 'what those were billed, where a warehouse bills by bytes and tells; else null'),
    ],
  },
  plans: {
    grain: 'one plan: what one sync would change, frozen',
    columns: [
      planId,
      text('run_id', 'the run that made it'),
      portalId,
      sync,
      text('object', "HubSpot's object"),
      text('model', 'the model'),
      text('model_build', 'the build of the model that it was made from'),
      text('model_version', "the version of a scored model's rows; null: it has none"),
      text('previous_plan_id', 'the plan that had last changed the snapshot when this one was made; null: none'),
      instant('as_of', "the run's instant"),
      instant('created_at', 'when it was made'),
      text(
        'status',
        '`draft` while it is made, `open`, `applying`, then `applied` or `partial` (applied in part); `superseded` by a later run',
      ),
      text('applied_by', 'the run that applies it, or did so last'),
      instant('applied_at', 'when its outcomes were last folded into the tables below'),
      integer('model_rows', 'rows of the model'),
      integer('bad_keys', 'keys that are null or occur in several rows; a plan with any is refused'),
      integer('unchanged_rows', 'rows with nothing to send'),
      integer('suppressed_rows', 'rows that changed within the dead band or in going-along columns alone'),
      integer('excluded_rows', 'rows that the sync excludes, and those of forgotten people'),
      integer('tiered_rows', 'rows with a tier before and after'),
      text('null_rows', 'JSON object: property → number of rows without a value and the key of one, as `12 P17`'),
      text('properties', "the sync's properties, by commas"),
      text(
        'clearing_properties',
        'those whose nulls empty values of others too (`adopt`, `nulls: clear`), by commas; null: not written down',
      ),
      text('new_properties', 'those that no plan before has brought to its end, by commas'),
      text('violations', 'limits of `guards` that it goes above, as a JSON list; null: none'),
      text('overrides', 'JSON object: guard → the reason why it was let through all the same'),
      text('digest', 'digest of the plan and its rows'),
      text('summary', 'the plan as it was printed, as JSON'),
    ],
  },
  builds: {
    grain: 'one model and the last build of it, finished or not',
    columns: [
      text('model', 'the model'),
      text('run_id', 'the run that built it'),
      instant('started_at', 'when that build began'),
    ],
  },
  candidates: {
    grain: 'one row of a model that differs from the snapshot, while its plan is being made',
    columns: [
      planId,
      modelKey,
      identityId,
      text('row_values', "the row's values as HubSpot wants them, as a JSON object of texts"),
      valuesHash,
      companionsHash,
      tier,
      integer('priority', '1 for rows that go first, else 2; 1 for all where the sync has no `priority`'),
      text('bad_property', 'a property whose value HubSpot cannot hold, such as an infinite number'),
      text('twin_key', 'another key with the same match value'),
    ],
  },
  lookups: {
    grain: 'one match value that HubSpot was asked about, while a plan is made or applied',
    columns: [
      planId,
      identityId,
      text('record_id', "HubSpot's id of the record found; null: none, or several"),
      text('several', 'the ids, where several records hold the value'),
      text(
        'found_values',
        "the record's values of the mapped properties, as a JSON object of texts; null without a record",
      ),
      instant('heard_at', 'when'),
    ],
  },
  plan_rows: {
    grain: 'one frozen operation of a plan on a record or a list member, or a row that cannot be sent and why',
    columns: [
      planId,
      list,
      text('operation', '`create`, `update` or `clear` a record, `add` or `remove` a member; null where unmatched'),
      text(
        'verdict',
        '`send`, `rejected` while planning, `unmatched` (no match value or record), `waiting` (in the pause after a refusal), `missing` (member without record), `met` (HubSpot holds already what it should), `held` (a record holds values of a plan that broke off, and a row leads to it)',
      ),
      integer('priority', 'lower ones are sent first'),
      modelKey,
      text('record_id', "HubSpot's id of the record; null until it is created"),
      identityId,
      text('changed', 'the properties to send, separated by commas'),
      text('row_values', "all of the row's values as HubSpot will hold them, as a JSON object of texts"),
      text('own_values', "those of `row_values` that are not others', where a rollback puts such back; else null"),
      text(
        'beside_stage',
        'those that the record has if HubSpot keeps its lifecycle stage; null where that is not sent',
      ),
      text('old_values', 'the values before, as far as known, in the same form'),
      valuesHash,
      companionsHash,
      tier,
      text('old_tier', 'the tier before; null for rows never sent'),
      text('kept', 'properties left alone because HubSpot holds values that Scoreline did not write, by commas'),
      text('adopted', 'those of `changed` whose values before Scoreline did not write (`adopt: true`), by commas'),
      text('category', 'of a rejection'),
      text('message', 'of a rejection'),
    ],
  },
  ledger: {
    grain: 'one attempted operation and its outcome; append-only, and all that is written while sending',
    columns: [
      portalId,
      planId,
      text('run_id', 'the run that attempted it'),
      integer('sequence', 'its place in the run, from 1'),
      sync,
      text('object', "HubSpot's object"),
      list,
      text('operation', '`create`, `update`, `clear`, `add`, `remove`, or `list` where a list was found or created'),
      text('model_key', "the model's key; null for a list itself"),
      text('record_id', "HubSpot's id of the record; of the list where the operation is `list`"),
      identityId,
      text('old_values', 'values before, of the properties sent, as a JSON object'),
      text('new_values', 'values sent, as a JSON object; null clears'),
      text(
        'outcome',
        '`created`, `updated`, `cleared`, `added`, `kept` (was a member before), `removed`, `found` (a list), `missing` (no such record), `vanished` (the record is gone), `rejected`, `deferred`, or `attempted` (members, just before the call that adds or removes them)',
      ),
      text('category', "HubSpot's category of a rejection"),
      text('message', "HubSpot's message, or why the operation was deferred"),
      text('property', 'the property that was refused, where HubSpot names one'),
      text('correlation_id', 'finds the request at HubSpot'),
      integer('attempt', '1, or more where the operation was tried again'),
      instant('attempted_at', 'when the outcome was known'),
    ],
  },
  snapshot: {
    grain: 'one row of a model that HubSpot accepted, with the values it accepted last',
    columns: [
      portalId,
      sync,
      modelKey,
      text('object', "HubSpot's object"),
      text('record_id', "HubSpot's id of the record; null where it vanished"),
      identityId,
      text('property_values', 'the values, as a JSON object of texts; null where there is none'),
      text(
        'values_hash',
        `${valuesHash.meaning}; null where a later write has no answer, so that all values are sent again`,
      ),
      companionsHash,
      tier,
      text('plan_id', 'the plan that wrote it last; null where HubSpot had the values before'),
      instant('accepted_at', 'when HubSpot accepted it'),
      instant('vanished_at', 'when HubSpot said that the record is gone'),
    ],
  },
  identities: {
    grain: 'one match value and the record that has it; personal data is here and nowhere else',
    columns: [
      portalId,
      identityId,
      text('object', "HubSpot's object"),
      text('property', 'the property that records are found by'),
      text('match_value', 'the value, normalised: e-mail addresses and domains in lower case'),
      text('record_id', "HubSpot's id of the record; null where none is known"),
      instant('heard_at', 'when HubSpot said so first; null while it was never asked'),
    ],
  },
  lists: {
    grain: 'one list of a sync',
    columns: [
      portalId,
      sync,
      text('list', "its key in the sync's file"),
      text('list_id', "HubSpot's id"),
      text('name', 'its name in HubSpot when it was last used'),
      text('object', "HubSpot's object of its members"),
      boolean('created', 'true if Scoreline made it'),
      text('plan_id', 'the plan that used it last'),
    ],
  },
  rejections: {
    grain: 'one row of a model that is refused as things stand, by HubSpot or while planning',
    columns: [
      portalId,
      sync,
      modelKey,
      text('object', "HubSpot's object"),
      text('operation', '`create`, `update` or `clear`: what was to be done'),
      recordId,
      identityId,
      text('values_hash', 'digest of the values that were refused; others are tried at once'),
      text('category', "HubSpot's category of the refusal, or ours while planning"),
      text('message', "HubSpot's message, without personal data"),
      text('property', 'the property that was refused, where HubSpot names one'),
      text('correlation_id', 'finds the request at HubSpot'),
      integer('attempts', 'plans that tried it'),
      instant('first_rejected_at', 'when it was refused first'),
      instant('rejected_at', 'when it was refused last'),
      instant('next_attempt_at', 'the end of its pause; null: the next plan tries it'),
      text('plan_id', 'the plan that tried it last'),
    ],
  },
  leases: {
    grain: 'one thing that only one process may work on at a time; empty where the warehouse locks itself',
    unique: ['name'],
    columns: [
      text('name', 'what is held, such as `sync:leads`'),
      text('run_id', 'the run that holds it; null: nobody'),
      text('holder', 'where that run works: process and machine'),
      integer('fence', 'rises with every holder; a holder whose number it is no more has lost it'),
      instant('acquired_at', "when it was taken, by the warehouse's clock, as are the others"),
      instant('expires_at', 'when it is free, unless it is renewed before'),
    ],
  },
  forgotten: {
    grain: 'one match value of a person who was erased; it is never planned, looked up or written again',
    columns: [
      identityId,
      text('object', "HubSpot's object"),
      text('property', 'the property that it was a value of'),
      instant('forgotten_at', 'when'),
    ],
  },
  memberships: {
    grain: 'one member of a list, as far as Scoreline put it there or met it',
    columns: [
      portalId,
      sync,
      text('list', "the list's key in the sync's file"),
      text('list_id', "HubSpot's id of the list"),
      recordId,
      modelKey,
      boolean('own', 'true if Scoreline added it; only such members are ever removed'),
      text('plan_id', 'the plan that added it'),
      instant('added_at', 'when; null where a change of it has no answer'),
    ],
  },
} as const satisfies Record<string, StateTable>;

export type StateTableName = keyof typeof stateTables;
