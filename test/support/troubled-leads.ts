import { expect } from 'vitest';
import type { Property } from '../../src/hubspot/types.ts';
import type { Sync } from '../../src/project/sync-types.ts';
import type { Plan } from '../../src/sync/plan-types.ts';
import type { PlanWriterRequest } from '../../src/sync/plan-writer.ts';
import { planRollback } from '../../src/sync/roll-back-run.ts';
import type { Rollback } from '../../src/sync/rollback-types.ts';
import { dyingWarehouse } from './dying-warehouse.ts';
import { leadSync, type SyncWorld, scoreProperty, tierProperty } from './sync-world.ts';

export const ann = ['1', 'ann@one.example', 50, 'warm'] as const;
export const bob = ['2', 'bob@two.example', 12, 'warm'] as const;

/** The sync of leads, which writes over scores of others. */
export function adoptingSync(settings: Partial<Sync> = {}): Sync {
  return leadSync({ properties: [{ ...scoreProperty, adopt: true }, tierProperty], ...settings });
}

/** What others do to the contacts of a world, and what its processes go through. */
export class TroubledLeads {
  readonly #world: SyncWorld;
  #runs = 0;

  constructor(world: SyncWorld) {
    this.#world = world;
  }

  values(email: string): Record<string, string> | undefined {
    return this.#world.hubspot.values('contacts')[email];
  }

  idOf(email: string): string {
    return this.#world.hubspot.stored('contacts').find((each) => each.properties.email === email)?.id ?? '';
  }

  /** HubSpot has the properties before any run. */
  addProperties(): void {
    const { hubspot } = this.#world;
    hubspot.addProperty('contacts', { name: 'lead_score', type: 'number' });
    const options = ['hot', 'warm', 'cold'].map((value) => ({ value, label: value }));
    hubspot.addProperty('contacts', { name: 'lead_tier', type: 'enumeration', options });
  }

  /** Somebody writes into a record. */
  async edit(email: string, properties: Readonly<Record<string, string>>): Promise<void> {
    const records = [{ traceId: '1', recordId: this.idOf(email), properties }];
    await this.#world.hubspot.records.write({ kind: 'update', object: 'contacts', records });
  }

  /** Somebody deletes a property, and its values with it. */
  async purge(name: string): Promise<void> {
    const { hubspot } = this.#world;
    const ids = hubspot.stored('contacts').map(({ id }) => id);
    const records = ids.map((id) => ({ traceId: id, recordId: id, properties: { [name]: '' } }));
    await hubspot.records.write({ kind: 'update', object: 'contacts', records });
    const properties = hubspot.propertiesOf('contacts') as Property[];
    properties.splice(
      properties.findIndex((each) => each.name === name),
      1,
    );
  }

  /** HubSpot writes the batch, and the process dies before the ledger has it. @returns the run */
  async dieUnheard(sync: Sync): Promise<string> {
    const warehouse = dyingWarehouse(this.#world.warehouse);
    await expect(this.#world.run(sync, { warehouse })).rejects.toThrow('killed');
    return this.lastRun();
  }

  /** The run that began to apply a plan last. */
  async lastRun(): Promise<string> {
    const numberOf = (run: unknown) => Number(String(run).slice(4));
    const runs = (await this.#world.table('plans')).flatMap(({ applied_by: run }) => (run === null ? [] : [run]));
    return String(runs.toSorted((a, b) => numberOf(a) - numberOf(b)).at(-1));
  }

  /** What a plan that compares no model is made with. */
  async writerRequest(sync: Sync): Promise<PlanWriterRequest> {
    const { state, hubspot } = this.#world;
    this.#runs += 1;
    return {
      state,
      hubspot,
      sync,
      account: await hubspot.account(),
      runId: `special-${this.#runs}`,
      asOf: { instant: '2026-01-31T00:00:00.000Z', day: '2026-01-31' },
      now: () => new Date(Date.UTC(2026, 0, 31, 9 + this.#runs)),
    };
  }

  async planRollback(rolledBackRunId: string, sync: Sync): Promise<{ rollback: Rollback; plan: Plan | null }> {
    return planRollback({ ...(await this.writerRequest(sync)), rolledBackRunId, overwrite: false });
  }

  /** Rolls a run back, by default the last one. */
  async rollBack(sync: Sync, run?: string): Promise<Rollback> {
    const { rollback, plan } = await this.planRollback(run ?? (await this.lastRun()), sync);
    if (plan !== null) await this.#world.apply(plan);
    return rollback;
  }
}
