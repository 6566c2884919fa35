import { sql } from 'kysely';
import type { ScorecardModel, ScoredModel } from '../project/model-types.ts';
import { parseRelation } from '../project/relation-name.ts';
import type { Rule } from '../project/rule-types.ts';
import { isScored } from '../project/scored-model.ts';
import type { Project, Target } from '../project/types.ts';
import { happenedBy } from '../scoring/age-bounds.ts';
import type { AsOf, Dialect } from '../sql/types.ts';
import { liveSourceOf } from './template-scope.ts';
import type { CompiledModel, CompiledProject, SourceOf } from './types.ts';

export interface KnownByRequest {
  readonly project: Project;
  readonly target: Target;
  readonly dialect: Dialect;
  readonly asOf: AsOf;
}

/**
 * Source tables as they were known at an instant: of those that say when a row was loaded, the rows loaded by then (a row
 * that does not say it is left out). Event times are each rule's own matter.
 */
export function knownSourceOf({ project, target, dialect, asOf }: KnownByRequest): SourceOf {
  const live = liveSourceOf(target, dialect);
  return (source, table) => {
    const relation = live(source, table);
    if (relation === null || table.loadedAt === undefined) return relation;
    const loaded = happenedBy(sql.id(table.loadedAt), { project, dialect, asOf });
    return sql`(select * from ${relation} where ${loaded})`;
  };
}

/** Parts of a scored model that a build for the past cannot know as they were then. */
export interface HindsightPart {
  readonly model: string;
  /** Rules, segments and gates (`rule logged_in`), or source tables (`app.logins`). */
  readonly parts: readonly string[];
  /** In one sentence. */
  readonly message: string;
}

/**
 * What is not point-in-time: SQL over the entity's row, unless its relation is made for `as_of`, and source tables that do
 * not say when a row was loaded, of which rows that came late count from their event's time on.
 */
export function hindsight(compiled: CompiledProject, names: Iterable<string>): readonly HindsightPart[] {
  return [...names].flatMap((name) => {
    const model = compiled.models.get(name)?.model;
    return model === undefined || !isScored(model)
      ? []
      : [...ofAttributes(compiled, model), ...ofSources(compiled, model)];
  });
}

function ofAttributes(compiled: CompiledProject, model: ScoredModel): readonly HindsightPart[] {
  const entity = compiled.project.entities.get(model.entity);
  if (entity === undefined) return [];
  const named = parseRelation(entity.relation);
  if (named.kind === 'ref' && upstream(compiled, named.model).some(({ params }) => params.has('as_of'))) return [];
  const gates = model.disqualify.map(({ id }) => `gate ${id}`);
  const parts = model.kind === 'combine' ? gates : [...rulesAndSegments(model), ...gates];
  if (parts.length === 0) return [];
  const message = `${model.name} reads columns of entity \`${entity.name}\` as they are today, since its relation keeps no history: ${parts.join(', ')}`;
  return [{ model: model.name, parts, message }];
}

function rulesAndSegments({ rules, segments }: ScorecardModel): readonly string[] {
  return [
    ...rules.filter(readsEntity).map(({ id }) => `rule ${id}`),
    ...segments.filter(({ when }) => when !== undefined).map((segment) => `segment ${segment.name}`),
  ];
}

function readsEntity(rule: Rule): boolean {
  switch (rule.kind) {
    case 'attribute':
    case 'numeric':
      return true;
    case 'absence':
      return typeof rule.points === 'object' && 'sql' in rule.points;
    case 'event':
    case 'rollup':
      return false;
    default:
      return rule satisfies never;
  }
}

function ofSources(compiled: CompiledProject, { name }: ScoredModel): readonly HindsightPart[] {
  const read = new Set(upstream(compiled, name).flatMap(({ sources }) => [...sources]));
  const parts = [...read].sort().filter((source) => {
    const at = source.indexOf('.');
    const table = compiled.project.sources.get(source.slice(0, at))?.tables.get(source.slice(at + 1));
    return table !== undefined && table.loadedAt === undefined;
  });
  if (parts.length === 0) return [];
  const message = `${name} reads source tables that declare no \`loaded_at\`, of which rows that came late count as if they had been there: ${parts.join(', ')}`;
  return [{ model: name, parts, message }];
}

/** A model and all that it reads, directly or through others. */
function upstream(compiled: CompiledProject, name: string): readonly CompiledModel[] {
  const found = new Map<string, CompiledModel>();
  const visit = (each: string) => {
    const model = compiled.models.get(each);
    if (model === undefined || found.has(each)) return;
    found.set(each, model);
    for (const ref of model.refs) visit(ref);
  };
  visit(name);
  return [...found.values()];
}
