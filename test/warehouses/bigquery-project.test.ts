import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildModels } from '../../src/build/build-models.ts';
import { compileProject } from '../../src/build/compile-project.ts';
import { selectModels } from '../../src/build/select-models.ts';
import { loadProject } from '../../src/project/load-project.ts';
import type { AsOf } from '../../src/sql/types.ts';
import type { Row, Warehouse } from '../../src/warehouse/port.ts';
import { alikeProject, loadSources } from '../support/alike-project.ts';
import { type BigQueryServer, bigQueryServerMissing, startBigQueryServer } from '../support/bigquery-server.ts';
import { writeProject } from '../support/project-files.ts';
import { openTempDuckDb, type TempDuckDb } from '../support/temp-duckdb.ts';

const tables = {
  leads: 'lead_id',
  lead_score: 'lead_id',
  lead_fit: 'lead_id',
  lead_grade: 'lead_id',
  account_score: 'account_id',
  hot_leads: 'lead_id',
} as const;

describe.skipIf(bigQueryServerMissing !== null)(`BigQuery ${bigQueryServerMissing ?? ''}`, () => {
  let server: BigQueryServer;
  let bigQuery: Warehouse;
  let duckDb: TempDuckDb;
  const dir = writeProject(alikeProject);

  async function build(warehouse: Warehouse, day: string): Promise<readonly string[]> {
    const project = loadProject({ projectDir: dir, env: {} });
    const target = project.targets.get('test');
    if (target === undefined) throw new TypeError('no target');
    const asOf: AsOf = { instant: `${day}T00:00:00.000Z`, day };
    const compiled = compileProject({ project, target, dialect: warehouse.dialect, asOf, params: {} });
    const { models } = await buildModels({ compiled, warehouse, selected: selectModels(compiled.models, []) });
    return models.map(({ model, rows }) => `${model}: ${rows}`);
  }

  beforeAll(async () => {
    server = await startBigQueryServer();
    bigQuery = await server.open();
    duckDb = await openTempDuckDb();
    for (const warehouse of [bigQuery, duckDb.warehouse]) await loadSources(warehouse);
  });
  afterAll(async () => {
    await bigQuery?.close();
    await duckDb?.dispose();
    await server?.stop();
  });

  for (const day of ['2026-01-20', '2026-02-01']) {
    test(`scores as DuckDB does, as of ${day}`, { timeout: 600_000 }, async () => {
      expect(await build(bigQuery, day)).toEqual(await build(duckDb.warehouse, day));
      for (const [name, key] of Object.entries(tables)) {
        const rows = async (warehouse: Warehouse) =>
          (await warehouse.query({ text: `select * from scoreline.${name} order by ${key}`, binds: [] })).map(
            comparable,
          );
        const expected = await rows(duckDb.warehouse);
        expect(expected.length, name).toBeGreaterThan(3);
        expect(await rows(bigQuery), name).toEqual(expected);
      }
    });
  }
});

/** Decimals by their value; doubles by twelve digits; versions are fingerprints of SQL, which is each warehouse's own. */
function comparable(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (name === 'model_version') return [name, typeof value];
      if (typeof value === 'string' && /^-?\d+\.\d+$/.test(value)) return [name, value.replace(/\.?0+$/, '')];
      return [name, typeof value === 'number' ? Number(value.toPrecision(12)) : value];
    }),
  );
}
