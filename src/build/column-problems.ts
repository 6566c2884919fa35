import { didYouMean } from '../errors/did-you-mean.ts';
import type { Problem } from '../errors/scoreline-error.ts';
import type { Entity } from '../project/entity-types.ts';
import { isScoreHistoryColumn, namesScoreHistory, scoreHistoryColumns } from '../project/history-columns.ts';
import type { Model, ModelTest, ScoredModel } from '../project/model-types.ts';
import { isScored } from '../project/scored-model.ts';
import type { SourceFile } from '../project/setting-types.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Project } from '../project/types.ts';
import { clashingColumns } from '../scoring/scored-relation.ts';
import type { Column } from '../warehouse/port.ts';
import type { CompiledModel } from './types.ts';

/** A column that a project's file names. */
interface NamedColumn {
  readonly column: string;
  readonly file: SourceFile;
  readonly path: readonly (string | number)[];
}

export type ColumnsOf = (model: string) => readonly Column[] | undefined;

/** Columns that a model's own file names and its SELECT does not have, and columns that it has twice. */
export function modelColumnProblems(
  { model, key }: Pick<CompiledModel, 'model' | 'key'>,
  columns: readonly Column[],
  columnsOf: ColumnsOf,
): readonly Problem[] {
  const own = [
    ...key.map((column) => ({ column, path: [model.kind === 'sql' ? 'key' : 'entity'] })),
    ...model.columns.map(({ name }, index) => ({ column: name, path: ['columns', index, 'name'] })),
    ...model.tests.flatMap((test) => columnsOfTest(test).map((column) => ({ column, path: test.path }))),
  ].map((named): NamedColumn => ({ ...named, file: model.file }));
  return [
    ...repeatedColumns(model, columns),
    ...missingColumns(own, columns, { code: 'MODEL_INVALID', of: `model \`${model.name}\`` }),
    ...allTests(model).flatMap((test) =>
      otherSide(test, model, test.kind === 'relationship' && test.to === model.name ? columns : undefined, columnsOf),
    ),
  ];
}

/** The key and parents' columns of an entity that its relation does not have. */
export function entityColumnProblems(
  { file }: Project,
  entity: Entity,
  columns: readonly Column[],
): readonly Problem[] {
  const path = ['entities', entity.name];
  const named = [
    { column: entity.key, file, path: [...path, 'key'] },
    ...Object.entries(entity.belongsTo).flatMap(([parent, belonging]) =>
      belonging.kind === 'bridge' ? [] : [{ column: belonging.column, file, path: [...path, 'belongs_to', parent] }],
    ),
  ];
  return missingColumns(named, columns, { code: 'CONFIG_INVALID', of: `the relation of entity \`${entity.name}\`` });
}

/** A relation beside the entity's own that has keys: a bridge to a parent, or that of its aliases. */
export interface KeyRelation {
  /** In words, such as "the bridge `{{ ref('memberships') }}`". */
  readonly of: string;
  readonly text: string;
  readonly path: readonly (string | number)[];
  readonly columns: readonly string[];
}

/** The bridges and aliases of an entity, with the columns that they need. */
export function keyRelationsOf(
  { entities }: Project,
  { name, key, aliases, belongsTo }: Entity,
): readonly KeyRelation[] {
  const path = ['entities', name];
  const bridges = Object.entries(belongsTo).flatMap(([parent, belonging]): readonly KeyRelation[] => {
    if (belonging.kind === 'column') return [];
    const above = entities.get(parent);
    const columns = above === undefined ? [key] : [key, above.key];
    const of = `the bridge from \`${name}\` to \`${parent}\``;
    return [{ of, text: belonging.via, path: [...path, 'belongs_to', parent, 'via'], columns }];
  });
  if (aliases === undefined) return bridges;
  const columns = [aliases.id, key];
  const of = `the relation of the aliases of \`${name}\``;
  return [...bridges, { of, text: aliases.relation, path: [...path, 'aliases', 'relation'], columns }];
}

export function keyRelationProblems(
  { file }: Project,
  relation: KeyRelation,
  columns: readonly Column[],
): readonly Problem[] {
  const named = relation.columns.map((column) => ({ column, file, path: relation.path }));
  return missingColumns(named, columns, { code: 'CONFIG_INVALID', of: relation.of });
}

/** Columns that a sync takes from its model and the model does not have. */
export function syncColumnProblems(sync: Sync, columns: readonly Pick<Column, 'name'>[]): readonly Problem[] {
  const { file, match, properties } = sync;
  const named = [
    { column: match.column, file, path: ['match', match.property] },
    ...properties.map(({ name, column }) => ({ column, file, path: ['properties', name, 'column'] })),
  ];
  return missingColumns(named, columns, { code: 'SYNC_INVALID', of: `model \`${sync.models.join(', ')}\`` });
}

/** Whether a sync sends or reads columns of the score history, which those of several models do not have. */
export function readsScoreHistory(sync: Sync, model: Model | undefined): boolean {
  return sync.models.length === 1 && model !== undefined && isScored(model) && usesScoreHistory(sync);
}

function usesScoreHistory({ properties, match, exclude, priority }: Sync): boolean {
  const columns = [match.column, ...properties.map(({ column }) => column)];
  return columns.some(isScoreHistoryColumn) || namesScoreHistory(`${exclude?.when ?? ''} ${priority ?? ''}`);
}

/** Columns of the history that the model or its entity's relation has too: a sync that uses one could mean either. */
export function historyClashProblems(sync: Sync, columns: readonly Pick<Column, 'name'>[]): readonly Problem[] {
  const names = columns.map(({ name }) => name.toLowerCase());
  return scoreHistoryColumns
    .filter((column) => names.indexOf(column) !== names.lastIndexOf(column))
    .map((column) => ({
      code: 'SYNC_INVALID',
      file: sync.file.path,
      ...sync.file.locate(['properties']),
      value: column,
      message: `\`${column}\` is a column of the score history, and of model \`${sync.models.join(', ')}\` or its entity's relation`,
      hint: 'Give the column another name in the SQL of the relation.',
    }));
}

/** An overrides model that sets nothing; what else it lacks is taken as null. */
export function overrideColumnProblems(model: ScoredModel, columns: readonly Column[]): readonly Problem[] {
  const names = columns.map(({ name }) => name.toLowerCase());
  if (names.includes('score') || names.includes('tier')) return [];
  return [
    {
      code: 'MODEL_INVALID',
      file: model.file.path,
      ...model.file.locate(['overrides']),
      value: model.overrides,
      message: `\`${model.overrides}\` has neither a column \`score\` nor a column \`tier\`, so it sets nothing`,
      hint: 'Its columns: the key of the entity, score or tier or both, and if wanted reason and until.',
    },
  ];
}

/** Columns beside the key that a scored model and its entity's relation both have: whoever reads both could mean either. */
export function clashProblems(
  model: Model,
  entity: Entity,
  scored: readonly Column[],
  people: readonly Column[],
): readonly Problem[] {
  const names = (columns: readonly Column[]) => columns.map(({ name }) => name);
  return clashingColumns(names(scored), names(people), entity.key).map((column) => ({
    code: 'MODEL_INVALID',
    file: model.file.path,
    ...model.file.locate(['entity']),
    value: column,
    message: `\`${column}\` is a column of model \`${model.name}\` and of the relation of entity \`${entity.name}\``,
    hint: 'Give the column another name in the SQL of the relation.',
  }));
}

function missingColumns(
  named: readonly NamedColumn[],
  columns: readonly Pick<Column, 'name'>[],
  { code, of }: { readonly code: Problem['code']; readonly of: string },
): readonly Problem[] {
  const names = columns.map(({ name }) => name);
  const known = new Set(names.map((name) => name.toLowerCase()));
  return named
    .filter(({ column }) => !known.has(column.toLowerCase()))
    .map(({ column, file, path }) => ({
      code,
      file: file.path,
      ...file.locate(path),
      value: column,
      message: `${of} has no column \`${column}\``,
      hint: didYouMean(column, names),
    }));
}

function repeatedColumns(model: Model, columns: readonly Column[]): readonly Problem[] {
  const names = columns.map(({ name }) => name.toLowerCase());
  const repeated = names.filter((name, index) => names.indexOf(name) < index);
  const file = model.kind === 'sql' ? model.sql : model.file;
  return [...new Set(repeated)].map((name) => ({
    code: 'MODEL_INVALID',
    file: file.path,
    line: 1,
    column: 1,
    value: name,
    message: `model \`${model.name}\` has two columns called \`${name}\``,
    hint: 'Give one of them another name with AS, or leave it out.',
  }));
}

function otherSide(
  test: ModelTest,
  model: Model,
  own: readonly Column[] | undefined,
  columnsOf: ColumnsOf,
): readonly Problem[] {
  if (test.kind !== 'relationship') return [];
  const columns = own ?? columnsOf(test.to);
  if (columns === undefined) return [];
  const named = [{ column: test.field, file: model.file, path: [...test.path, 'relationship', 'field'] }];
  return missingColumns(named, columns, { code: 'MODEL_INVALID', of: `model \`${test.to}\`` });
}

function allTests(model: Model): readonly ModelTest[] {
  return [...model.columns.flatMap((column) => column.tests), ...model.tests];
}

function columnsOfTest(test: ModelTest): readonly string[] {
  switch (test.kind) {
    case 'unique':
    case 'not_null':
      return test.columns;
    case 'accepted_values':
    case 'between':
    case 'relationship':
      return [test.column];
    case 'row_count':
    case 'sql':
      return [];
    default:
      return test satisfies never;
  }
}
