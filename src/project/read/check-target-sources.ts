import { namesAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import type { TargetRequest } from './target-request.ts';
import { type Unknown, unknownName, unknownTable } from './unknown-name.ts';

/** Checks that a target's `sources` name what exists, and that the selected target knows where each table is. */
export function checkTargetSources(request: TargetRequest): void {
  checkNames(request);
  if (request.isSelected) checkHomes(request);
}

function checkNames({ name, shape, yaml, report }: TargetRequest): void {
  const refuse = (path: YamlPath, key: string, unknown: Unknown | null) => {
    if (unknown !== null) report(problemAtKey(yaml, path, key, { code: 'CONFIG_INVALID', ...unknown }));
  };
  const path = ['targets', name, 'sources'];
  const known = namesAt(yaml, ['sources']);
  for (const [source, { files }] of Object.entries(shape.sources ?? {})) {
    refuse(path, source, unknownName('source', source, known));
    if (!known.includes(source)) continue;
    const tables = namesAt(yaml, ['sources', source, 'tables']);
    for (const table of Object.keys(files ?? {})) {
      if (shape.warehouse.type !== 'duckdb') {
        const message = `target \`${name}\` has a file for a table: only DuckDB reads files`;
        const hint = 'Load the file into the warehouse, and name the schema that it is in.';
        report(problemAtKey(yaml, [...path, source, 'files'], table, { code: 'CONFIG_INVALID', message, hint }));
      }
      refuse([...path, source, 'files'], table, unknownTable(source, table, tables));
    }
  }
}

function checkHomes({ name, shape, sources, yaml, report }: TargetRequest): void {
  for (const [source, { schema, tables }] of Object.entries(sources)) {
    const override = shape.sources?.[source];
    if (schema !== undefined || override?.schema !== undefined) continue;
    const homeless = Object.keys(tables).filter((table) => override?.files?.[table] === undefined);
    if (homeless.length === 0) continue;
    report(
      problemAtKey(yaml, ['sources'], source, {
        code: 'CONFIG_INVALID',
        message: `source \`${source}\` has no \`schema\`, and target \`${name}\` has no file for ${homeless.join(', ')}`,
        hint: `Give the source a \`schema\`, or the target \`sources: { ${source}: { files: { ${homeless[0]}: … } } }\`.`,
      }),
    );
  }
}
