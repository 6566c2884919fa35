import { problemAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlFile } from '../files/yaml-file.ts';
import { paramExpectations, readParamValue } from '../param-values.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ParamDeclaration } from '../setting-types.ts';
import type { ModelShape } from '../shapes/model-schema.ts';

export interface ParamsRequest {
  readonly params: NonNullable<ModelShape['params']>;
  readonly yaml: YamlFile;
  readonly timeZone: string;
  readonly report: ProblemSink;
}

/** A model's parameters; one whose default does not fit its type is reported and goes without default. */
export function readParams({
  params,
  yaml,
  timeZone,
  report,
}: ParamsRequest): Readonly<Record<string, ParamDeclaration>> {
  const declarations = Object.entries(params).map(([name, { type, default: written, description }]) => {
    if (name === 'as_of') {
      const message = '`as_of` is reserved: every model has it, and it is the instant of the run';
      report(problemAtKey(yaml, ['params'], name, { code: 'MODEL_INVALID', message, hint: 'Remove the line.' }));
    }
    const value = written === undefined ? null : readParamValue(type, written, timeZone);
    if (written !== undefined && value === null) {
      const path = ['params', name, 'default'];
      const shown = yaml.written(path) ?? 'a list';
      const message = `the default of parameter \`${name}\` is ${shown}: expected ${paramExpectations[type]}, as its type is ${type}`;
      report(problemAt(yaml, path, { code: 'MODEL_INVALID', message }));
    }
    return [name, { type, default: value ?? undefined, description }] as const;
  });
  return Object.fromEntries(declarations);
}
