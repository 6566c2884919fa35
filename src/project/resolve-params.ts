import { didYouMean } from '../errors/did-you-mean.ts';
import type { Problem } from '../errors/scoreline-error.ts';
import type { Model } from './model-types.ts';
import { inferParamType, paramExpectations, readParamText, readParamValue } from './param-values.ts';
import type { ParamType, ResolvedParam } from './setting-types.ts';
import type { Project, Target } from './types.ts';

export interface ParamScope {
  readonly project: Project;
  readonly target: Target;
  /** The run's instant, ISO. */
  readonly asOf: string;
  /** `--param` as typed: name → text. */
  readonly overrides: Readonly<Record<string, string>>;
}

export interface ResolvedParams {
  /** Every parameter that the model sees, `as_of` included; those with problems are missing. */
  readonly values: ReadonlyMap<string, ResolvedParam>;
  readonly problems: readonly Problem[];
}

/** Stands for the file of a problem that lies on the command line. */
const commandLine = '--param';

/**
 * The values that a model's SQL and settings take: from `--param`, else the target, else the model, else the project.
 * Without a model: what every model sees. Overrides of parameters that the model does not see change nothing.
 */
export function resolveParams(scope: ParamScope & { readonly model?: Model }): ResolvedParams {
  const { project, target, model, asOf, overrides } = scope;
  const values = new Map<string, ResolvedParam>([['as_of', { type: 'timestamp', value: asOf }]]);
  const problems: Problem[] = [];
  for (const [name, type] of visibleTypes(scope)) {
    const declared = own(model?.params, name);
    const override = declared?.fixed ? undefined : own(overrides, name);
    const given = declared?.fixed
      ? declared.default
      : (own(target.params, name) ?? declared?.default ?? own(project.params, name));
    const value =
      override !== undefined
        ? readParamText(type, override, project.timezone)
        : given === undefined
          ? null
          : readParamValue(type, given, project.timezone);
    if (value !== null) values.set(name, { type, value });
    else if (override !== undefined) problems.push(mistyped(name, type, override));
    else problems.push(withoutValue(name, type, scope));
  }
  return { values, problems };
}

/** Overrides that no model would see, and those that do not fit a type: the command line is wrong, whatever is built. */
export function checkOverrides(scope: ParamScope): readonly Problem[] {
  const { project, overrides } = scope;
  const seen = [undefined, ...project.models.values()].map((model) =>
    overridable(visibleTypes({ ...scope, model }), model),
  );
  const known = [...new Set(seen.flatMap((types) => [...types.keys()]))];
  return Object.entries(overrides).flatMap(([name, written]): readonly Problem[] => {
    if (name === 'as_of') {
      return [problem(name, written, '`as_of` is the instant of the run and no parameter', 'Use --as-of.')];
    }
    if (!known.includes(name))
      return [problem(name, written, `unknown parameter \`${name}\``, didYouMean(name, known))];
    const types = new Set(seen.flatMap((visible) => visible.get(name) ?? []));
    const unfit = [...types].find((type) => readParamText(type, written, project.timezone) === null);
    return unfit === undefined ? [] : [mistyped(name, unfit, written)];
  });
}

function visibleTypes({
  project,
  model,
}: Pick<ParamScope, 'project'> & { readonly model?: Model }): ReadonlyMap<string, ParamType> {
  const inferred = Object.entries(project.params).map(([name, value]) => [name, inferParamType(value)] as const);
  const declared = Object.entries(model?.params ?? {}).map(([name, { type }]) => [name, type] as const);
  return new Map([...inferred, ...declared]);
}

/** Without what `for_each` says: to override it would make the same model several times. */
function overridable(types: ReadonlyMap<string, ParamType>, model: Model | undefined): ReadonlyMap<string, ParamType> {
  return new Map([...types].filter(([name]) => own(model?.params, name)?.fixed !== true));
}

function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function mistyped(name: string, type: ParamType, written: string): Problem {
  return problem(name, written, `parameter \`${name}\` is "${written}": expected ${paramExpectations[type]}`);
}

function problem(name: string, written: string, message: string, hint?: string): Problem {
  return { code: 'USAGE_INVALID', file: commandLine, value: `${name}=${written}`, message, hint };
}

function withoutValue(
  name: string,
  type: ParamType,
  { model, project }: ParamScope & { readonly model?: Model },
): Problem {
  const file = model?.file ?? project.file;
  return {
    code: 'MODEL_INVALID',
    file: file.path,
    ...file.locate(['params', name]),
    message: `parameter \`${name}\` has no value: expected ${paramExpectations[type]}`,
    hint: `Give it a \`default\`, a value in the target or the project, or --param ${name}=….`,
  };
}
