import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { loadProject } from '../../src/project/load-project.ts';
import type { WarehouseSettings } from '../../src/project/warehouse-types.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { writeProject } from './project-files.ts';
import type { WarehouseTarget } from './test-accounts.ts';

/** Schemas of one test file alone, so that many can share an account and leave nothing there. */
export class OwnSchemas {
  readonly #suffix = randomBytes(4).toString('hex');
  readonly #named = new Set<string>();

  /** The name with the file's suffix. */
  of(name: string): string {
    const own = `${name}_${this.#suffix}`;
    this.#named.add(own);
    return own;
  }

  /** Drops them with all that is in them, and the schemas of their state. */
  async drop(warehouse: Warehouse): Promise<void> {
    for (const schema of [...this.#named].flatMap((name) => [name, `${name}_state`]))
      await warehouse.script([warehouse.dialect.compile(sql`drop schema if exists ${sql.id(schema)} cascade`)]);
  }
}

/** What a project reads of it, with the variables of this process. */
export function settingsOf(target: WarehouseTarget): WarehouseSettings {
  const config = {
    version: 1,
    project: 'tests',
    default_target: 'test',
    targets: { test: { warehouse: target, hubspot: { sandbox: true } } },
  };
  const projectDir = writeProject({ 'config/scoreline.yml': JSON.stringify(config) });
  const settings = loadProject({ projectDir, env: process.env }).targets.get('test')?.warehouse;
  if (settings === undefined) throw new TypeError('The target is there');
  return settings;
}
