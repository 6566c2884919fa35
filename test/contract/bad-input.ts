import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ColumnType } from '../../src/sql/types.ts';
import { stateVersion } from '../../src/state/tables.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { scoreline } from '../support/command-line.ts';
import { type ControlledSandbox, controlledSandbox } from '../support/controlled-sandbox.ts';
import { type ProjectFiles, writeFiles, writeProject } from '../support/project-files.ts';

/** A warehouse for the projects of one test file. */
export interface ProjectWarehouse {
  /** What stands under `warehouse` of a target; it may name variables of `env`. */
  readonly target: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The name of a schema, where others use the warehouse too. */
  schema?(name: string): string;
  /** Opened anew by each call: a file lets one in at a time. */
  open(): Promise<Warehouse>;
  dispose(): Promise<void>;
}

/** In what the warehouses differ here. */
export interface BadInputTraits {
  /** SQL of a value that is a list. */
  readonly list: string;
  /** What a build of 2,000 columns is refused with; absent where tables are as wide as that. */
  readonly tooWide?: RegExp;
  /** Schemas are called by letters, digits and underscores, columns and tables without punctuation. */
  readonly refusesPunctuation?: true;
}

const text: ColumnType = { kind: 'text' };
const integer: ColumnType = { kind: 'integer' };

/** What goes wrong in a project, or only looks odd, as a person at the command line meets it: said clearly, nothing half-done. */
export function describeBadInput(
  name: string,
  prepare: () => Promise<ProjectWarehouse>,
  { list, tooWide, refusesPunctuation }: BadInputTraits,
): void {
  describe(`odd and wrong input on ${name}`, () => {
    let place: ProjectWarehouse;
    let dir: string;
    let hubspot: ControlledSandbox;
    const named = (schema: string) => place.schema?.(schema) ?? schema;
    const odd = refusesPunctuation
      ? { schema: 'Raw_Order', table: 'Ordre ключ', view: 'Select', columns: ['order', 'Größe', 'mixedCase'] }
      : { schema: 'raw "order"', table: 'a.b;c', view: 'select', columns: ['order', 'Größe', 'mixedCase', 'it"s'] };

    beforeAll(async () => {
      place = await prepare();
      hubspot = await controlledSandbox();
      dir = writeProject({ 'config/scoreline.yml': config() });
      await inWarehouse(load);
    });
    afterAll(async () => {
      await hubspot?.close();
      await place?.dispose();
    });

    const config = (schema = named('scoreline'), raw = named(odd.schema)) => `
version: 1
project: odd
timezone: UTC
default_target: test
entities: { lead: { relation: "{{ ref('leads') }}", key: lead_id } }
sources: { app: { schema: ${JSON.stringify(raw)}, tables: { people: { identifier: ${JSON.stringify(odd.view)} } } } }
targets: { test: { warehouse: ${JSON.stringify(place.target)}, hubspot: { token: ${hubspot.token} }, schema: ${schema} } }
`;

    async function inWarehouse<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
      const warehouse = await place.open();
      return work(warehouse).finally(() => warehouse.close());
    }

    /** A table of two people, and a view of it. */
    async function load(warehouse: Warehouse): Promise<void> {
      const { dialect } = warehouse;
      const table = { schema: named(odd.schema), name: odd.table };
      const columns = ['lead_id', 'email', ...odd.columns];
      const nulls = columns.map(
        (column, index) => sql`${dialect.bind(index === 0 ? integer : text, null)} as ${sql.id(column)}`,
      );
      const none = sql`select * from (select ${sql.join(nulls)}) as one_row where 1 = 0`;
      await warehouse.createTable(table, dialect.compile(none));
      await warehouse.append(
        table,
        columns.map((column, index) => ({ name: column, type: index === 0 ? integer : text })),
        [1, 2].map((n) => [n, `person${n}@one.example`, ...odd.columns.map((column) => `${column} of ${n}`)]),
      );
      const all = dialect.compile(sql`select * from ${dialect.relation(table)}`);
      await warehouse.createView({ schema: table.schema, name: odd.view }, all);
    }

    /** Runs a command on the project with these files, which replace those before. */
    async function run(line: string, files: ProjectFiles = {}) {
      writeFiles(dir, files);
      const env = { ...place.env, HUBSPOT_BASE_URL: hubspot.url };
      const { exitCode, out, err } = await scoreline(dir, `${line} --output json`, { env });
      const { error } = JSON.parse(out) as { error: Failure | null };
      return { exitCode, error, err };
    }

    const writes = async () =>
      (await hubspot.requests(/batch\/(create|update|upsert)|\/lists/)).map(({ path }) => path);

    const leads = (columns: string, from = "{{ source('app', 'people') }}"): ProjectFiles => ({
      'sql/leads.sql': `select lead_id, email,\n  ${columns}\nfrom ${from}\n`,
      'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\n',
    });
    const sync = (properties: string, more = ''): ProjectFiles => ({
      'syncs/contacts.yml': `object: contacts\nmodel: leads\nmatch: { email: email }\nmode: upsert\nproperties:\n${properties}\n${more}`,
    });

    const guardsOff = 'guards: { max_changed: off }\n';

    test('a view, and names of keywords, capitals, quotes and other scripts, are read and arrive', async () => {
      const quoted = await inWarehouse(async ({ dialect }) =>
        odd.columns.map((column) => dialect.compile(sql`${sql.id(column)}`).text),
      );
      const properties = odd.columns.map(
        (column, index) => `  odd_${index}: { column: ${JSON.stringify(column)}, type: string }`,
      );
      const { error, exitCode } = await run('run --yes', {
        ...leads(quoted.join(', ')),
        ...sync(properties.join('\n')),
      });
      expect(error).toBeNull();
      expect(exitCode).toBe(0);
      const records = await hubspot.records('contacts');
      expect(records.map((record) => odd.columns.map((_, index) => record.properties[`odd_${index}`])).sort()).toEqual(
        [1, 2].map((n) => odd.columns.map((column) => `${column} of ${n}`)),
      );
    });

    test('a column that no property can hold is refused before anything is sent', async () => {
      const before = await writes();
      const { error, exitCode } = await run('plan', {
        ...leads(`${list} as tags`),
        ...sync('  tags: { column: tags, type: string }'),
      });
      expect(exitCode).toBe(3);
      expect(error?.code).toBe('SYNC_INVALID');
      expect(JSON.stringify(error)).toMatch(/a property of type string cannot hold the column \\"tags\\", which is /);
      expect(await writes()).toEqual(before);
    });

    test('a model of no rows is built, and its sync is stopped by the guard', async () => {
      const before = await writes();
      const files = {
        ...leads("'x' as word", "{{ source('app', 'people') }}\nwhere lead_id > 99"),
        ...sync('  odd_0: { column: word, type: string }'),
      };
      const { exitCode, error } = await run('run --yes', files);
      expect(exitCode).toBe(6);
      expect((await inWarehouse((warehouse) => warehouse.relations(named('scoreline')))).get('leads')).toHaveLength(3);
      expect(error?.problems.map(({ message }) => message)).toEqual([expect.stringContaining('min_rows')]);
      expect(await writes()).toEqual(before);
    });

    test('2,000 columns are built, or refused with the number that fits', async () => {
      const many = Array.from({ length: 2000 }, (_, n) => `${n} as column_${n}`).join(', ');
      const files = {
        'sql/wide.sql': `select 1 as id, ${many}\n`,
        'models/wide.yml': 'sql: sql/wide.sql\nkey: [id]\n',
      };
      const { exitCode, error } = await run('build wide', files);
      const built = await inWarehouse((warehouse) => warehouse.relations(named('scoreline')));
      if (tooWide === undefined) {
        expect(error).toBeNull();
        expect(built.get('wide')).toHaveLength(2001);
      } else {
        expect(exitCode).toBe(4);
        expect(JSON.stringify(error)).toMatch(tooWide);
        expect([...built.keys()].filter((each) => each.startsWith('wide'))).toEqual([]);
      }
    });

    test('a schema that is not there is told of with the file, and leaves nothing behind', async () => {
      onTestFinished(() => writeFiles(dir, { 'config/scoreline.yml': config() }));
      const target = named('untouched');
      const files = { 'config/scoreline.yml': config(target, named('nowhere')), ...leads("'x' as word") };
      for (const line of ['check', 'build leads']) {
        const { exitCode, error } = await run(line, files);
        expect([line, exitCode]).toEqual([line, 4]);
        expect(error?.problems[0] ?? error).toMatchObject({ code: 'WAREHOUSE_REFUSED' });
        expect(JSON.stringify(error).toLowerCase()).toContain('nowhere');
        expect(JSON.stringify(error)).toMatch(/sources|`schema`/);
        expect(error?.problems[0]?.file).toBe('sql/leads.sql');
      }
      expect(await inWarehouse((warehouse) => warehouse.relations(target))).toEqual(new Map());
    });

    test('a state of a newer version is left alone, and one of an older version is brought up to date', async () => {
      const state = `${named('scoreline')}_state`;
      const before = await writes();
      const version = (set?: number) =>
        inWarehouse(async (warehouse) => {
          const { dialect } = warehouse;
          const meta = dialect.relation({ schema: state, name: 'meta' });
          const [write, read] = [
            sql`update ${meta} set value = ${sql.lit(String(set))} where name = 'version'`,
            sql`select value from ${meta} where name = 'version'`,
          ];
          if (set !== undefined) await warehouse.script([dialect.compile(write)]);
          return (await warehouse.query(dialect.compile(read)))[0]?.value;
        });
      const files = { ...leads("'new' as word"), ...sync('  odd_0: { column: word, type: string }', guardsOff) };
      const newer = String(stateVersion + 1);
      expect(await version(stateVersion + 1)).toBe(newer);
      const { exitCode, error } = await run('plan', files);
      expect(exitCode).toBe(10);
      expect(error?.code).toBe('STATE_VERSION');
      expect(error?.message).toContain(`has version ${newer}; this Scoreline knows versions up to ${stateVersion}`);
      expect(await version()).toBe(newer);

      await version(0);
      expect(await run('plan')).toMatchObject({ exitCode: 0, error: null });
      expect(await version()).toBe(String(stateVersion));
      expect(await writes()).toEqual(before);
    });
  });
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly problems: readonly { readonly file?: string; readonly code: string; readonly message: string }[];
}
