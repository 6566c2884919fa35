import { namesAt, problemAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import type { TestInput } from '../model-types.ts';
import { inferParamType, paramExpectations, readParamValue } from '../param-values.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { WrittenTest } from '../read/read-unit-tests.ts';
import { type Unknown, unknownName, unknownTable } from '../read/unknown-name.ts';
import type { ParamType, ParamValue } from '../setting-types.ts';
import { type LoadedFiles, unknownModel } from './loaded-files.ts';

/** Checks what unit tests name: models, inputs and parameters. */
export function checkUnitTests(files: LoadedFiles, unitTests: readonly WrittenTest[], report: ProblemSink): void {
  for (const { test, yaml } of unitTests) {
    const refuse = (path: YamlPath, problem: Unknown | null) => {
      if (problem !== null) report(problemAt(yaml, path, { code: 'MODEL_INVALID', ...problem }));
    };
    refuse([...test.path, 'model'], unknownModel(files, test.model));
    for (const { relation, path } of test.given) refuse([...path, 'input'], unknownInput(files, relation));
    const types = visibleParams(files, test.model);
    for (const [name, value] of Object.entries(test.params)) {
      const unknown = unknownName('parameter', name, [...types.keys()]);
      if (unknown !== null) {
        report(problemAtKey(yaml, [...test.path, 'params'], name, { code: 'MODEL_INVALID', ...unknown }));
      } else refuse([...test.path, 'params', name], mistyped(files, name, types.get(name), value));
    }
  }
}

function unknownInput(files: LoadedFiles, relation: TestInput['relation']): Unknown | null {
  if (relation.kind === 'history') return null;
  if (relation.kind === 'ref') return unknownModel(files, relation.model);
  const { configFile } = files;
  const { source, table } = relation;
  return (
    unknownName('source', source, namesAt(configFile, ['sources'])) ??
    unknownTable(source, table, namesAt(configFile, ['sources', source, 'tables']))
  );
}

/** Those that any model declares: a test also runs the inline models that its model reads. */
function visibleParams({ config, models }: LoadedFiles, model: string): ReadonlyMap<string, ParamType> {
  const own = models.get(model)?.model.params ?? {};
  return new Map<string, ParamType>([
    ...Object.entries(config?.params ?? {}).map(([name, value]) => [name, inferParamType(value)] as const),
    ...[...models.values()].flatMap((other) =>
      Object.entries(other.model.params).map(([name, { type }]) => [name, type] as const),
    ),
    ...Object.entries(own).map(([name, { type }]) => [name, type] as const),
  ]);
}

function mistyped(
  { config }: LoadedFiles,
  name: string,
  type: ParamType | undefined,
  value: ParamValue,
): Unknown | null {
  if (type === undefined || readParamValue(type, value, config?.timezone ?? 'UTC') !== null) return null;
  return { message: `parameter \`${name}\` is ${String(value)}: expected ${paramExpectations[type]}` };
}
