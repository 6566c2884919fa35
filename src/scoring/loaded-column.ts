import type { SqlModel } from '../project/model-types.ts';
import { parseRelation } from '../project/relation-name.ts';
import type { Project } from '../project/types.ts';
import { selectColumns } from '../sql/select-columns.ts';

/**
 * The column of a relation that says when a row was loaded: what its source declares as `loaded_at`; of a SQL model, that
 * of a source which it reads, where its SELECT shows that it hands the column on. Nobody is asked.
 */
export function loadedColumn(relation: string, project: Project): string | undefined {
  return columnsIn(relation, project, new Set())[0];
}

function columnsIn(relation: string, project: Project, passed: Set<string>): readonly string[] {
  const named = parseRelation(relation);
  if (named.kind === 'source') {
    const column = project.sources.get(named.source)?.tables.get(named.table)?.loadedAt;
    return column === undefined ? [] : [column];
  }
  const model = named.kind === 'ref' ? project.models.get(named.model) : undefined;
  if (model?.kind !== 'sql' || passed.has(model.name)) return [];
  passed.add(model.name);
  const calls = callsIn(model);
  const selected = selectColumns(model.sql.text);
  const names = [...model.columns.map(({ name }) => name), ...(selected?.names ?? [])].map((each) =>
    each.toLowerCase(),
  );
  // A `*` over several relations may be that of another one.
  const handsAllOn = selected?.hasStar === true && calls.length === 1;
  return calls
    .flatMap((call) => columnsIn(call, project, passed))
    .filter((column) => handsAllOn || names.includes(column.toLowerCase()));
}

function callsIn({ sql }: SqlModel): readonly string[] {
  return sql.text.match(/\{\{-?\s*(?:ref|source)\([^)]*\)\s*-?\}\}/g) ?? [];
}
