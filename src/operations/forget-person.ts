import { sql } from 'kysely';
import { ScorelineError } from '../errors/scoreline-error.ts';
import { type ForgetReceipt, forget } from '../state/forget.ts';
import { openState } from '../state/open-state.ts';
import { textOf } from '../state/row-values.ts';
import { type State, stateTable } from '../state/state.ts';
import { withLeases } from './with-leases.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

/**
 * The command `forget`: erases a person from the state. Asks the warehouse alone; HubSpot and the models stay as they are.
 * @throws USAGE_INVALID for an empty value, and for an object that neither a sync nor the state knows
 */
export async function forgetPerson(workspace: Workspace, object: string, value: string): Promise<ForgetReceipt> {
  const { project, target, now, report, signal } = workspace;
  if (value.trim() === '') {
    throw new ScorelineError('USAGE_INVALID', 'The value to forget is empty', {
      hint: 'Example: scoreline forget contacts ann@one.example',
    });
  }
  const syncs = [...project.syncs.values()].filter((sync) => sync.object === object);
  return withWarehouse(workspace, async (warehouse) => {
    const state = await openState(warehouse, { schema: target.schema, signal });
    await requireKnownObject(workspace, state, object);
    // A run in the middle of writing would bring the person back.
    const names = [...project.syncs.keys()].map((sync) => `sync:${sync}`);
    const receipt = await withLeases(workspace, state, names, (held) =>
      forget(held, {
        object,
        value,
        properties: syncs.map((sync) => sync.match.property),
        at: now().toISOString(),
        signal,
      }),
    );
    report({
      level: 'info',
      event: 'person_forgotten',
      message: `forgot one of the ${object}`,
      figures: { ...receipt.erased, plans_scrubbed: receipt.plansScrubbed },
    });
    return receipt;
  });
}

/** A receipt for an object that nobody writes would be worth nothing, and look like any other. */
async function requireKnownObject({ project, signal }: Workspace, state: State, object: string): Promise<void> {
  const { dialect } = state.warehouse;
  const rows = await state.warehouse.query(
    dialect.compile(sql`select distinct object from ${stateTable(state, 'identities')} order by object`),
    { signal, purpose: 'read which objects are known' },
  );
  const written = [...project.syncs.values()].map((sync) => sync.object);
  const known = [...new Set([...written, ...rows.map((row) => textOf(row, 'object'))])].sort();
  if (known.includes(object)) return;
  throw new ScorelineError(
    'USAGE_INVALID',
    `No sync writes "${object}", and the state knows none of them: nothing was forgotten`,
    { hint: known.length === 0 ? 'The project has no syncs.' : `Known: ${known.join(', ')}` },
  );
}
