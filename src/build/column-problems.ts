import { didYouMean } from '../errors/did-you-mean.ts';
import type { Problem } from '../errors/scoreline-error.ts';
import type { Entity, Model, ModelTest, Project, SourceFile, Sync } from '../project/types.ts';
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
    ...Object.entries(entity.belongsTo).map(([parent, column]) => ({
      column,
      file,
      path: [...path, 'belongs_to', parent],
    })),
  ];
  return missingColumns(named, columns, { code: 'CONFIG_INVALID', of: `the relation of entity \`${entity.name}\`` });
}

/** Columns that a sync takes from its model and the model does not have. */
export function syncColumnProblems(sync: Sync, columns: readonly Column[]): readonly Problem[] {
  const { file, match, properties } = sync;
  const named = [
    { column: match.column, file, path: ['match', match.property] },
    ...properties.map(({ name, column }) => ({ column, file, path: ['properties', name, 'column'] })),
  ];
  return missingColumns(named, columns, { code: 'SYNC_INVALID', of: `model \`${sync.models.join(', ')}\`` });
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
  columns: readonly Column[],
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
