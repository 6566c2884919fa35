import { secondsIn } from '../duration-text.ts';
import { problemAt, valueAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ProjectShape } from '../shapes/project-schema.ts';
import type { Source, SourceTable } from '../types.ts';

type SourceShape = NonNullable<ProjectShape['sources']>[string];
type TableShape = SourceShape['tables'][string];

export interface SourceRequest {
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}

/** A source; what it says of freshness holds for each of its tables that says nothing else. */
export function readSource(name: string, shape: SourceShape, { yaml, report }: SourceRequest): Source {
  const refuse = (path: YamlPath, message: string, hint?: string) =>
    report(problemAt(yaml, path, { code: 'CONFIG_INVALID', message, hint }));
  const tables = Object.entries(shape.tables).map(([table, settings]) => {
    const read = readTable(table, shape, settings);
    const path = ['sources', name, 'tables', table];
    // What is wrong with both settings of the source is told at the source.
    const at = (key: string) =>
      valueAt(yaml.data, [...path, key]) === undefined ? ['sources', name, key] : [...path, key];
    const { loadedAt, warnAfter, errorAfter } = read;
    if (warnAfter !== undefined && errorAfter !== undefined && secondsIn(warnAfter) >= secondsIn(errorAfter)) {
      refuse(at('error_after'), `\`error_after\` of \`${name}.${table}\` is not longer than its \`warn_after\``);
    }
    for (const key of ['warn_after', 'error_after'] as const) {
      if (settings?.[key] === undefined || loadedAt !== undefined) continue;
      const hint = 'Name the column that says when a row was loaded.';
      refuse([...path, key], `\`${name}.${table}\` has \`${key}\` and no \`loaded_at\``, hint);
    }
    return [table, read] as const;
  });
  return { name, database: shape.database, schema: shape.schema, tables: new Map(tables) };
}

function readTable(name: string, source: SourceShape, table: TableShape): SourceTable {
  const loadedAt = table?.loaded_at === undefined ? source.loaded_at : table.loaded_at;
  return {
    name,
    identifier: table?.identifier ?? name,
    ...(loadedAt != null && {
      loadedAt,
      warnAfter: table?.warn_after ?? source.warn_after,
      errorAfter: table?.error_after ?? source.error_after,
    }),
  };
}
