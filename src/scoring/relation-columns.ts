import type { SqlModel } from '../project/model-types.ts';
import { parseRelation } from '../project/relation-name.ts';
import type { Project } from '../project/types.ts';
import { selectColumns } from '../sql/select-columns.ts';

/**
 * Whether a relation has a column, as far as the project's files show it: the columns and key that a SQL model declares,
 * and what its SELECT names; through `*` those of the models that it reads. Nobody is asked.
 */
export function relationHasColumn(relation: string, column: string, project: Project): 'yes' | 'no' | 'unknown' {
  const { names, isComplete } = shownColumns(relation, project, new Set());
  if (names.some((name) => name.toLowerCase() === column.toLowerCase())) return 'yes';
  return isComplete ? 'no' : 'unknown';
}

interface ShownColumns {
  readonly names: readonly string[];
  /** Whether there are no others. */
  readonly isComplete: boolean;
}

const nothingShown: ShownColumns = { names: [], isComplete: false };

function shownColumns(relation: string, project: Project, passed: Set<string>): ShownColumns {
  const named = parseRelation(relation);
  const model = named.kind === 'ref' ? project.models.get(named.model) : undefined;
  // Models that read each other are reported where they are put in order.
  if (model?.kind !== 'sql' || passed.has(model.name)) return nothingShown;
  passed.add(model.name);
  const declared = [...model.key, ...model.columns.map(({ name }) => name)];
  const selected = selectColumns(model.sql.text);
  if (selected === null) return { names: declared, isComplete: false };
  const inner = selected.hasStar ? readThrough(model, project, passed) : [];
  return {
    names: [...declared, ...selected.names, ...inner.flatMap(({ names }) => names)],
    isComplete: inner.every(({ isComplete }) => isComplete) && !(selected.hasStar && inner.length === 0),
  };
}

/** What a `*` may bring in: the columns of everything that the SQL reads. */
function readThrough({ sql }: SqlModel, project: Project, passed: Set<string>): readonly ShownColumns[] {
  const calls = sql.text.match(/\{\{-?\s*(?:ref|source)\([^)]*\)\s*-?\}\}/g) ?? [];
  return calls.map((call) => shownColumns(call, project, passed));
}
