import { closestName } from '../../errors/did-you-mean.ts';
import { problemAt, valueAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { AudienceModel, ColumnDeclaration, Model, SqlModel } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { type AudienceShape, type ModelShape, modelSchemas, type SqlModelShape } from '../shapes/model-schema.ts';
import { isPlannedKind } from '../shapes/planned-keys.ts';
import { foundAt, notSupported } from '../validate/problems-of-issue.ts';
import { validate } from '../validate/validate.ts';
import { fixedParams } from './for-each.ts';
import type { ModelBase, ModelRequest } from './model-request.ts';
import { readCombine } from './read-combine.ts';
import { readModelTests } from './read-model-tests.ts';
import { readParams } from './read-params.ts';
import { readScorecard } from './read-scorecard.ts';
import { modelNameIn } from './read-scored.ts';
import { repeatedAt } from './repeated-at.ts';

/** A model, and its file as checks see it. */
export interface LoadedModel {
  readonly model: Model;
  /** As in the file: keys in its order and spelling, so that paths lead back to it. */
  readonly shape: ModelShape;
  readonly yaml: YamlFile;
}

/** Parts with problems are missing from the model. @returns null where too little of it is left to go on with */
export function readModel(request: ModelRequest): LoadedModel | null {
  const { yaml: file, report } = request;
  if (file.data === undefined) return null;
  const kind = readKind(file, report);
  if (kind === null) return null;
  const valid = validate<(typeof modelSchemas)[typeof kind]>({
    kind: 'model',
    yaml: file,
    schema: modelSchemas[kind],
    data: file.data,
    report,
    keyHint: (path, key) => (path.length === 0 ? ownerHint(key, kind) : undefined),
  });
  if (valid === null) return null;
  const { shape, yaml } = valid;
  const read = { ...request, yaml };
  const model = readShape(shape, read);
  return model === null ? null : { model, shape, yaml };
}

function readShape(shape: ModelShape, request: ModelRequest): Model | null {
  const base = readBase(shape, request);
  switch (shape.kind) {
    case undefined:
    case 'sql':
      return readSqlModel(shape, base, request);
    case 'scorecard':
      return readScorecard({ shape, base, yaml: request.yaml, sqlFiles: request.sqlFiles, report: request.report });
    case 'combine':
      return readCombine({ shape, base, yaml: request.yaml, report: request.report });
    case 'audience':
      return readAudience(shape, base, request);
    default:
      return shape satisfies never;
  }
}

type Kind = keyof typeof modelSchemas;
const kinds: readonly Kind[] = ['sql', 'scorecard', 'combine', 'audience'];

function readKind(yaml: YamlFile, report: ProblemSink): Kind | null {
  const written = valueAt(yaml.data, ['kind']);
  if (written === undefined) return 'sql';
  const kind = kinds.find((known) => known === written);
  if (kind !== undefined) return kind;
  if (isPlannedKind(written)) {
    report(problemAt(yaml, ['kind'], notSupported(`\`kind: ${String(written)}\``)));
    return null;
  }
  const close = typeof written === 'string' ? closestName(written, kinds) : undefined;
  report(
    problemAt(yaml, ['kind'], {
      code: 'CONFIG_INVALID',
      message: `${foundAt(['kind'], written, yaml.written(['kind']))}: expected sql, scorecard, combine or audience`,
      hint: close === undefined ? undefined : `Did you mean \`${close}\`?`,
    }),
  );
  return null;
}

/** A key of another kind is not misspelt: most often the line `kind:` is missing. */
function ownerHint(key: string, kind: Kind): string | undefined {
  const owners = kinds.filter((other) => other !== kind && key in modelSchemas[other].shape);
  if (owners.length === 0) return undefined;
  return `\`${key}\` belongs to ${owners.map((owner) => `\`kind: ${owner}\``).join(' and ')}.`;
}

function readBase(shape: ModelShape, { name, yaml, fixed, timeZone, sqlFiles, report }: ModelRequest): ModelBase {
  const columns = (shape.columns ?? []).map((column): ColumnDeclaration => {
    return { name: column.name, description: column.description, pii: column.pii, tests: [] };
  });
  for (const index of repeatedAt(columns.map((column) => column.name))) {
    const message = `column \`${columns[index]?.name}\` stands twice`;
    report(problemAt(yaml, ['columns', index, 'name'], { code: 'MODEL_INVALID', message }));
  }
  const { columnTests, modelTests } = readModelTests({ shape, yaml, sqlFiles, report });
  return {
    name,
    file: yaml,
    description: shape.description,
    tags: shape.tags ?? [],
    params: {
      ...readParams({ params: shape.params ?? {}, yaml, timeZone, report }),
      ...fixedParams({ fixed, yaml }, report),
    },
    columns: columns.map((column, index) => ({ ...column, tests: columnTests[index] ?? [] })),
    tests: modelTests,
  };
}

function readSqlModel(
  shape: SqlModelShape,
  base: ModelBase,
  { yaml, sqlFiles, report }: ModelRequest,
): SqlModel | null {
  const key = [shape.key ?? []].flat();
  for (const index of repeatedAt(key)) {
    const message = `\`key\` names column \`${key[index]}\` twice`;
    report(problemAt(yaml, ['key', index], { code: 'MODEL_INVALID', message }));
  }
  const sql = sqlFiles.read(shape.sql, { yaml, path: ['sql'] });
  return sql === null ? null : { ...base, kind: 'sql', sql, key, materialize: shape.materialize };
}

function readAudience(
  shape: AudienceShape,
  base: ModelBase,
  { yaml, sqlFiles, report }: ModelRequest,
): AudienceModel | null {
  const invalid = (path: YamlPath, message: string): null => {
    report(problemAt(yaml, path, { code: 'MODEL_INVALID', message }));
    return null;
  };
  const { entity, from, where, sql: sqlPath } = shape;
  if (from !== undefined && sqlPath !== undefined) return invalid(['sql'], 'an audience has `from` or `sql`, not both');
  if (sqlPath !== undefined) {
    if (where !== undefined) return invalid(['where'], '`where` goes with `from`: put the condition into the SQL file');
    const sql = sqlFiles.read(sqlPath, { yaml, path: ['sql'] });
    return sql === null ? null : { ...base, kind: 'audience', entity, members: { kind: 'sql', sql } };
  }
  if (from === undefined) return invalid([], 'an audience needs `from` (a scored model) or `sql` (a file)');
  return { ...base, kind: 'audience', entity, members: { kind: 'from', from: modelNameIn(from), where } };
}
