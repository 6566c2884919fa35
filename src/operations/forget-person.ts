import { ScorelineError } from '../errors/scoreline-error.ts';
import { type ForgetReceipt, forget } from '../state/forget.ts';
import { openState } from '../state/open-state.ts';
import { withLeases } from './with-leases.ts';
import { type Workspace, withWarehouse } from './workspace.ts';

/** The command `forget`: erases a person from the state. Asks the warehouse alone; HubSpot and the models stay as they are. */
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
