import { sql } from 'kysely';
import type { Project, Target } from '../../src/project/types.ts';
import type { ColumnType } from '../../src/sql/types.ts';
import type { Column, Value, Warehouse } from '../../src/warehouse/port.ts';

/** Where a source's tables are loaded. */
export function rawSchema(source: string): string {
  return `raw_${source}`;
}

/**
 * Copies the files that a target's sources are into tables of another warehouse, by `append`, each source into a schema of
 * its own.
 * @param duckDb reads the files
 */
export async function loadSources(
  project: Project,
  target: Target,
  duckDb: Warehouse,
  into: Warehouse,
  schemaOf: (source: string) => string = rawSchema,
): Promise<void> {
  for (const source of project.sources.values()) {
    const files = target.sources.get(source.name)?.files;
    if (files === undefined) continue;
    for (const [table, path] of files) {
      const relation = duckDb.dialect.files(path);
      if (relation === null) throw new TypeError(`${path} is no file of data`);
      const select = duckDb.dialect.compile(sql`select * from ${relation}`);
      const columns = (await duckDb.describe(select)).map(loadedColumn);
      const name = { schema: schemaOf(source.name), name: table };
      const nulls = columns.map((column) => sql`${into.dialect.bind(column.type, null)} as ${sql.id(column.name)}`);
      const nothing = sql`select * from (select ${sql.join(nulls)}) as nothing where 1 = 0`;
      await into.createTable(name, into.dialect.compile(nothing));
      await into.append(name, columns, valuesOf(duckDb, select, columns));
    }
  }
}

/** The target as it is read after `loadSources`. */
export function withLoadedSources(target: Target): Target {
  const sources = [...target.sources].map(([name, source]) => {
    const loaded = source.files.size === 0 ? source : { schema: rawSchema(name), files: new Map<string, string>() };
    return [name, loaded] as const;
  });
  return { ...target, sources: new Map(sources) };
}

type LoadedColumn = Column & { readonly type: ColumnType };

function loadedColumn(column: Column): LoadedColumn {
  const { type } = column;
  return type.kind === 'other' ? { ...column, type: { kind: 'text' } } : { ...column, type };
}

async function* valuesOf(
  duckDb: Warehouse,
  select: Parameters<Warehouse['stream']>[0],
  columns: readonly LoadedColumn[],
): AsyncGenerator<readonly Value[]> {
  for await (const rows of duckDb.stream(select)) {
    for (const row of rows) yield columns.map(({ name }) => row[name] ?? null);
  }
}
