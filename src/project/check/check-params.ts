import { problemAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlPath } from '../files/yaml-file.ts';
import { inferParamType, paramExpectations, readParamValue } from '../param-values.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { Config } from '../read/read-config.ts';
import type { LoadedModel } from '../read/read-model.ts';
import { unknownName } from '../read/unknown-name.ts';
import type { ParamReference, ParamType, ParamValue } from '../setting-types.ts';
import type { LoadedFiles } from './loaded-files.ts';

/** Checks parameters across files: those that settings take, and the values that project and targets give. */
export function checkParams({ config, models }: LoadedFiles, report: ProblemSink): void {
  if (config === null) return;
  for (const loaded of models.values()) {
    checkReferences(loaded, config, report);
    checkValues(loaded, config, report);
  }
  const known = [
    ...Object.keys(config.params),
    ...[...models.values()].flatMap(({ model }) => Object.keys(model.params)),
  ];
  for (const { name, params } of config.targets.values()) {
    for (const param of Object.keys(params)) {
      // `as_of` was refused as reserved already.
      const unknown = param === 'as_of' ? null : unknownName('parameter', param, [...new Set(known)]);
      if (unknown === null) continue;
      report(problemAtKey(config.yaml, ['targets', name, 'params'], param, { code: 'CONFIG_INVALID', ...unknown }));
    }
  }
}

const durationKeys: readonly unknown[] = ['within', 'between', 'repeat', 'gap', 'half_life', 'linear', 'every'];

function checkReferences({ model, shape, yaml }: LoadedModel, config: Config, report: ProblemSink): void {
  const types = new Map<string, ParamType>([['as_of', 'timestamp']]);
  for (const [name, value] of Object.entries(config.params)) types.set(name, inferParamType(value));
  for (const [name, { type }] of Object.entries(model.params)) types.set(name, type);
  for (const { path, param } of referencesIn(shape, [])) {
    const unknown = unknownName('parameter', param, [...types.keys()]);
    if (unknown !== null) report(problemAt(yaml, path, { code: 'MODEL_INVALID', ...unknown }));
    const type = types.get(param);
    const fitting: readonly ParamType[] = isDuration(path) ? ['duration'] : ['integer', 'number'];
    if (type === undefined || fitting.includes(type)) continue;
    const message = `parameter \`${param}\` is of type ${type}: expected ${fitting.join(' or ')} here`;
    report(problemAt(yaml, path, { code: 'MODEL_INVALID', message }));
  }
}

/** The key of the value, or of the list that it stands in. */
function isDuration(path: YamlPath): boolean {
  return durationKeys.includes(path.findLast((part) => typeof part === 'string'));
}

/** Values of project and targets against the type that the model declares. */
function checkValues({ model }: LoadedModel, config: Config, report: ProblemSink): void {
  const givers = [
    { path: ['params'], params: config.params },
    ...[...config.targets.values()].map(({ name, params }) => ({ path: ['targets', name, 'params'], params })),
  ];
  for (const [name, { type }] of Object.entries(model.params)) {
    for (const { path, params } of givers) {
      const value: ParamValue | undefined = Object.hasOwn(params, name) ? params[name] : undefined;
      if (value === undefined || readParamValue(type, value, config.timezone) !== null) continue;
      const place = [...path, name];
      const shown = config.yaml.written(place) ?? 'a list';
      const message = `parameter \`${name}\` is ${shown}: expected ${paramExpectations[type]}, as model \`${model.name}\` declares it`;
      report(problemAt(config.yaml, place, { code: 'CONFIG_INVALID', message }));
    }
  }
}

function referencesIn(value: unknown, path: YamlPath): readonly { readonly path: YamlPath; readonly param: string }[] {
  if (isParamReference(value)) return [{ path, param: value.param }];
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => referencesIn(item, [...path, key]));
}

/** Nothing else in a model's shape is a map of `param` and text. */
function isParamReference(value: unknown): value is ParamReference {
  return typeof value === 'object' && value !== null && 'param' in value && typeof value.param === 'string';
}
