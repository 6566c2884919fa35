import type { Value } from '../warehouse/port.ts';
import { type State, stateRelation } from './state.ts';
import { stateTables } from './tables.ts';

export type LedgerOperation = 'create' | 'update' | 'clear' | 'add' | 'remove' | 'list';

export type LedgerOutcome =
  | 'created'
  | 'updated'
  | 'cleared'
  | 'added'
  /** Was a member of the list before. */
  | 'kept'
  | 'removed'
  /** A list that was there. */
  | 'found'
  | 'missing'
  | 'vanished'
  | 'rejected'
  | 'deferred'
  /** A member, written down just before the call that adds or removes it. */
  | 'attempted';

/** What all entries of one apply share. */
export interface LedgerContext {
  readonly portalId: number;
  readonly planId: string;
  readonly runId: string;
  readonly sync: string;
  readonly object: string;
}

export interface LedgerEntry {
  readonly list?: string;
  readonly operation: LedgerOperation;
  readonly modelKey: string | null;
  readonly recordId: string | null;
  readonly identityId?: string | null;
  /** JSON objects of texts. */
  readonly oldValues?: string | null;
  readonly newValues?: string | null;
  readonly outcome: LedgerOutcome;
  readonly category?: string;
  readonly message?: string;
  readonly property?: string;
  readonly correlationId?: string;
  readonly attempt: number;
  /** ISO. */
  readonly attemptedAt: string;
}

/** Writes entries in bulk: one round trip. `sequence` numbers them from `firstSequence` on. @throws RUN_BUSY if the lease was lost */
export async function appendLedger(
  state: State,
  context: LedgerContext,
  entries: readonly LedgerEntry[],
  firstSequence: number,
): Promise<void> {
  await state.lease?.confirm();
  const rows = entries.map((entry, index) => ledgerRow(context, entry, firstSequence + index));
  await state.warehouse.append(stateRelation(state.schema, 'ledger'), stateTables.ledger.columns, rows, {
    purpose: `write ${entries.length} outcomes of ${context.sync} to the ledger`,
  });
}

function ledgerRow(context: LedgerContext, entry: LedgerEntry, sequence: number): readonly Value[] {
  const values: Readonly<Record<string, Value | undefined>> = {
    portal_id: context.portalId,
    plan_id: context.planId,
    run_id: context.runId,
    sequence,
    sync: context.sync,
    object: context.object,
    list: entry.list,
    operation: entry.operation,
    model_key: entry.modelKey,
    record_id: entry.recordId,
    identity_id: entry.identityId,
    old_values: entry.oldValues,
    new_values: entry.newValues,
    outcome: entry.outcome,
    category: entry.category,
    message: entry.message,
    property: entry.property,
    correlation_id: entry.correlationId,
    attempt: entry.attempt,
    attempted_at: entry.attemptedAt,
  };
  return stateTables.ledger.columns.map((column) => values[column.name] ?? null);
}
