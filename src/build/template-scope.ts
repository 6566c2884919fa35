import { sql } from 'kysely';
import type { Model } from '../project/model-types.ts';
import type { Project, Source, SourceTable, Target } from '../project/types.ts';
import type { Dialect, Fragment, RelationName, ResolvedParam, TemplateScope } from '../sql/types.ts';
import type { ModelRelation, RelationOf, SourceOf } from './types.ts';

export interface ScopeRequest {
  readonly project: Project;
  readonly dialect: Dialect;
  readonly params: ReadonlyMap<string, ResolvedParam>;
  readonly relationOf: RelationOf;
  readonly sourceOf: SourceOf;
}

/** Where the templates of one model lead. */
export function templateScope({ project, dialect, params, relationOf, sourceOf }: ScopeRequest): TemplateScope {
  return {
    ref: (name) => {
      const model = project.models.get(name);
      return model === undefined ? null : relationFragment(dialect, relationOf(model));
    },
    source: (name, tableName) => {
      const source = project.sources.get(name);
      const table = source?.tables.get(tableName);
      return source === undefined || table === undefined ? null : sourceOf(source, table);
    },
    param: (name) => params.get(name) ?? null,
    known: {
      models: [...project.models.keys()],
      sources: [...project.sources.values()].flatMap(({ name, tables }) =>
        [...tables.keys()].map((table) => `${name}.${table}`),
      ),
      params: [...params.keys()],
    },
  };
}

/** What the templates of one model asked for. */
export interface UsedNames {
  /** `source.table` */
  readonly sources: Set<string>;
  readonly params: Set<string>;
}

/** The same scope, which writes down what is asked of it. */
export function recordUse(scope: TemplateScope, used: UsedNames): TemplateScope {
  return {
    ...scope,
    source: (source, table) => {
      used.sources.add(`${source}.${table}`);
      return scope.source(source, table);
    },
    param: (name) => {
      used.params.add(name);
      return scope.param(name);
    },
  };
}

/** What a model is called by those who read it. */
export function relationFragment(dialect: Dialect, relation: ModelRelation): Fragment {
  switch (relation.kind) {
    case 'relation':
      return dialect.relation(relation.name);
    case 'inline':
    case 'given':
      return sql`${sql.id(relation.name)}`;
    default:
      return relation satisfies never;
  }
}

/** The live table or view of a model in the target's schema; inline models have none. */
export function liveRelationOf(target: Target): RelationOf {
  return (model) =>
    model.kind === 'sql' && model.materialize === 'inline'
      ? { kind: 'inline', name: `inline__${model.name}` }
      : { kind: 'relation', name: liveName(target, model) };
}

export function liveName(target: Target, model: Model): RelationName {
  return { schema: target.schema, name: model.name };
}

/** The target's file, else a table in the target's schema or the source's own; reading the project made sure of one. */
export function liveSourceOf(target: Target, dialect: Dialect): SourceOf {
  return (source, table) => sourceFragment(target, dialect, source, table);
}

function sourceFragment(target: Target, dialect: Dialect, source: Source, table: SourceTable): Fragment | null {
  const override = target.sources.get(source.name);
  const path = override?.files.get(table.name);
  // A kind of file that cannot be read is reported by `checkSourceFiles`, once for all who read it.
  if (path !== undefined) return dialect.files(path) ?? sql`null`;
  const relation = sourceRelation(target, source, table);
  return relation === null ? null : dialect.relation(relation);
}

/** Null where neither the source nor the target names a schema. */
function sourceRelation(target: Target, source: Source, table: SourceTable): RelationName | null {
  const override = target.sources.get(source.name);
  const database = override?.database ?? source.database;
  const schema = override?.schema ?? source.schema;
  if (schema === undefined) return null;
  const name = { schema, name: table.identifier };
  return database === undefined ? name : { ...name, database };
}

/** The tables of the warehouse that sources stand for; those that a target has as files are not among them. */
export function sourceTables(project: Project, target: Target): readonly RelationName[] {
  return [...project.sources.values()].flatMap((source) =>
    [...source.tables.values()]
      .filter((table) => target.sources.get(source.name)?.files.has(table.name) !== true)
      .flatMap((table) => sourceRelation(target, source, table) ?? []),
  );
}
