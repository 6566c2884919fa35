import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gatherFacts } from '../../../src/sync/gather-facts.ts';
import { leadSync, openSyncWorld, type SyncWorld } from '../../support/sync-world.ts';
import { testWarehouse } from '../../support/temp-warehouse.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.dispose());

// DuckDB alone is asked how.
test.skipIf(testWarehouse() !== 'duckdb')(
  'joins what is known by hashing, also where nothing had to be read',
  async () => {
    await world.score(`select 'k' || i as lead_id, 'p' || i || '@one.example' as email, i as score, 'cold' as tier,
    timestamptz '2026-01-30 00:00:00+00' as as_of from range(3000) r (i)`);
    const sync = leadSync();
    await world.run(sync);
    const { state, warehouse } = world;
    const facts = gatherFacts({ state, planId: 'none', portalId: 4711, sync });
    const rows = await warehouse.query(warehouse.dialect.compile(sql`explain ${facts}`));
    const steps = rows.map((row) => String(row.explain_value)).join('\n');
    expect(steps).toContain('HASH_JOIN');
    // Compares every row with every other: half a minute for 10,000 changes in a million rows.
    expect(steps).not.toMatch(/BLOCKWISE/);
  },
);
