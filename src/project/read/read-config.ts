import { closestName } from '../../errors/did-you-mean.ts';
import type { Belonging, Entity } from '../entity-types.ts';
import type { Environment, Substituted } from '../files/environment.ts';
import { pathText, problemAt, problemAtKey } from '../files/problem-at.ts';
import type { SqlFiles } from '../files/sql-files.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { type ProjectShape, projectSchema } from '../shapes/project-schema.ts';
import type { Project, Retention, Target } from '../types.ts';
import { validate } from '../validate/validate.ts';
import { checkBelongsTo } from './check-belongs-to.ts';
import { readAliases } from './read-aliases.ts';
import { readReasons } from './read-reasons.ts';
import { readSource } from './read-source.ts';
import { readTarget } from './read-target.ts';
import { isTimeZone, timeZones } from './time-zone.ts';

export interface ConfigRequest {
  /** Absolute. */
  readonly projectDir: string;
  readonly yaml: YamlFile;
  readonly env: Environment;
  /** The file's data with the environment put in. */
  readonly substituted: Substituted;
  /** The target that matters: variables of others may be missing. Undefined where the file does not say. */
  readonly selected: string | undefined;
  readonly sqlFiles: SqlFiles;
  readonly report: ProblemSink;
}

/** What `config/scoreline.yml` says. Entries with problems are missing from the maps; `yaml` finds the places. */
export interface Config extends Omit<Project, 'models' | 'syncs' | 'unitTests' | 'file'> {
  readonly yaml: YamlFile;
}

/** @returns null where too little of the file is readable to go on with */
export function readConfig(request: ConfigRequest): Config | null {
  const { projectDir, yaml: file, substituted, selected, sqlFiles, report } = request;
  if (file.data === undefined) return null;
  const { data, unresolved } = substituted;
  for (const { path, problem } of unresolved) {
    const isIdle = path[0] === 'targets' && path[1] !== selected;
    if (!isIdle) report(problem);
  }
  const unknown = new Set(unresolved.map(({ path }) => pathText(path)));
  const unknownAt = (path: YamlPath) => unknown.has(pathText(path));
  const valid = validate({ kind: 'project', yaml: file, schema: projectSchema, data, report, unknownAt });
  if (valid === null) return null;

  const { shape, yaml } = valid;
  checkBelongsTo(shape, yaml, report);
  checkReservedParams(shape, yaml, report);
  return {
    dir: projectDir,
    yaml,
    name: shape.project,
    timezone: unknownAt(['timezone']) ? 'UTC' : readTimeZone(shape, yaml, report),
    defaultTarget: shape.default_target ?? selected ?? '',
    entities: new Map(Object.entries(shape.entities ?? {}).map(([name, entity]) => [name, readEntity(name, entity)])),
    sources: new Map(
      Object.entries(shape.sources ?? {}).map(([name, source]) => [name, readSource(name, source, { yaml, report })]),
    ),
    retention: readRetention(shape.retention),
    reasons: readReasons({ shape: shape.reasons, yaml, code: 'CONFIG_INVALID', sqlFiles, report }),
    params: shape.params ?? {},
    targets: readTargets(shape, yaml, request),
  };
}

function readTargets(shape: ProjectShape, yaml: YamlFile, request: ConfigRequest): ReadonlyMap<string, Target> {
  const { projectDir, env, substituted, selected, report } = request;
  const incomplete = substituted.unresolved.flatMap(({ path }) => (path[0] === 'targets' ? [path[1]] : []));
  const targets = new Map<string, Target>();
  for (const [name, target] of Object.entries(shape.targets)) {
    if (incomplete.includes(name)) continue;
    const sources = shape.sources ?? {};
    const isSelected = name === selected;
    const read = readTarget({ name, shape: target, sources, yaml, projectDir, env, isSelected, report });
    if (read !== null) targets.set(name, read);
  }
  return targets;
}

const defaultRetention = { ledger: '90d', plans: '30d', rejections: '90d', runs: '365d' } as const;

function readRetention(shape: ProjectShape['retention']): Retention {
  const days = (written: string) => Number.parseInt(written, 10) * (written.endsWith('w') ? 7 : 1);
  const { ledger, plans, rejections, runs } = shape ?? defaultRetention;
  return {
    ledgerDays: days(ledger),
    plansDays: days(plans),
    rejectionsDays: days(rejections),
    runsDays: days(runs),
  };
}

type EntityShape = NonNullable<ProjectShape['entities']>[string];

function readEntity(name: string, shape: EntityShape): Entity {
  const belongsTo = Object.entries(shape.belongs_to ?? {}).map(([parent, written]): [string, Belonging] => {
    return [parent, typeof written === 'string' ? { kind: 'column', column: written } : { kind: 'bridge', ...written }];
  });
  const aliases = shape.aliases === undefined ? undefined : readAliases(shape.aliases);
  return { name, relation: shape.relation, key: shape.key, belongsTo: Object.fromEntries(belongsTo), aliases };
}

/** @returns UTC where the zone is wrong, so that times elsewhere can be judged all the same */
function readTimeZone(shape: ProjectShape, yaml: YamlFile, report: ProblemSink): string {
  if (isTimeZone(shape.timezone)) return shape.timezone;
  const close = closestName(shape.timezone, timeZones());
  report(
    problemAt(yaml, ['timezone'], {
      code: 'CONFIG_INVALID',
      message: `unknown time zone ${yaml.written(['timezone'])}: expected a name such as UTC or Europe/Berlin`,
      hint: close === undefined ? undefined : `Did you mean \`${close}\`?`,
    }),
  );
  return 'UTC';
}

function checkReservedParams(shape: ProjectShape, yaml: YamlFile, report: ProblemSink): void {
  const places = [
    { path: ['params'], params: shape.params },
    ...Object.entries(shape.targets).map(([name, { params }]) => ({ path: ['targets', name, 'params'], params })),
  ];
  for (const { path, params } of places) {
    if (params == null || !Object.hasOwn(params, 'as_of')) continue;
    const message = '`as_of` is reserved: it is the instant of the run';
    report(problemAtKey(yaml, path, 'as_of', { code: 'CONFIG_INVALID', message, hint: 'Use --as-of to set it.' }));
  }
}
