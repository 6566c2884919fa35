import { sql } from 'kysely';
import type { Problem } from '../../src/errors/scoreline-error.ts';
import type { Entity } from '../../src/project/entity-types.ts';
import { calendarDay } from '../../src/project/instant.ts';
import type { Model, ScorecardModel } from '../../src/project/model-types.ts';
import type { Rule } from '../../src/project/rule-types.ts';
import type { SourceFile } from '../../src/project/setting-types.ts';
import type { Project } from '../../src/project/types.ts';
import type { ScoringContext } from '../../src/scoring/types.ts';
import { duckDbDialect } from '../../src/sql/dialects/duckdb.ts';
import type { Dialect, ResolvedParam } from '../../src/sql/types.ts';

export interface ContextOptions {
  readonly timeZone?: string;
  readonly asOf?: string;
  readonly entities?: readonly Entity[];
  readonly models?: readonly Model[];
  /** What `ref` and `source` know beside the models: tables of the schema `main`. */
  readonly tables?: readonly string[];
  readonly params?: Readonly<Record<string, ResolvedParam>>;
  readonly modelVersions?: ReadonlyMap<string, string>;
  /** DuckDB's by default. */
  readonly dialect?: Dialect;
}

/** The entity of most tests: `lead`, whose rows stand in the table `leads`. */
export const lead: Entity = { name: 'lead', relation: "{{ ref('leads') }}", key: 'lead_id', belongsTo: {} };

export interface TestContext {
  readonly context: ScoringContext;
  /** Grows while something is compiled. */
  readonly problems: readonly Problem[];
}

/** A context as the engine makes it, over tables of the schema `main`. */
export function scoringContext(options: ContextOptions = {}): TestContext {
  const { timeZone = 'UTC', asOf = '2026-01-31T12:00:00.000Z', tables = ['leads', 'logins'], params = {} } = options;
  const problems: Problem[] = [];
  const models = new Map((options.models ?? []).map((model) => [model.name, model]));
  const table = (name: string) => (tables.includes(name) || models.has(name) ? sql`${sql.id('main', name)}` : null);
  const values: Readonly<Record<string, ResolvedParam>> = { as_of: { type: 'timestamp', value: asOf }, ...params };
  const context: ScoringContext = {
    dialect: options.dialect ?? duckDbDialect,
    scope: {
      ref: table,
      source: (_, name) => table(name),
      param: (name) => values[name] ?? null,
      known: { models: [...tables, ...models.keys()], sources: [], params: Object.keys(values) },
    },
    report: (problem) => problems.push(problem),
    project: project(timeZone, options.entities ?? [lead], models),
    asOf: { instant: asOf, day: calendarDay(asOf, timeZone) },
    modelVersions: options.modelVersions ?? new Map(),
    history: sql`${sql.id('main', 'score_history')}`,
  };
  return { context, problems };
}

function project(timezone: string, entities: readonly Entity[], models: ReadonlyMap<string, Model>): Project {
  return {
    dir: '/project',
    name: 'test',
    file: file('config/scoreline.yml'),
    timezone,
    defaultTarget: 'test',
    entities: new Map(entities.map((entity) => [entity.name, entity])),
    sources: new Map(),
    retention: { ledgerDays: 90, plansDays: 30, rejectionsDays: 90, runsDays: 365 },
    params: {},
    targets: new Map(),
    models,
    syncs: new Map(),
    unitTests: [],
  };
}

/** A file in which everything stands at the beginning. */
export function file(path: string, text = ''): SourceFile {
  return { path, text, locate: () => ({ line: 1, column: 1 }) };
}

/** What a rule says beside the defaults; an id and a label are made from its kind and place. */
export type RuleFacts<R extends Rule = Rule> = R extends Rule
  ? Omit<R, 'id' | 'label' | 'points' | 'count'> & Partial<Pick<R, 'id' | 'label' | 'points'>> & CountFacts<R>
  : never;

type CountFacts<R> = R extends { readonly count: infer C } ? { readonly count?: C } : unknown;

export type CardFacts = Partial<Omit<ScorecardModel, 'kind' | 'rules'>> & { readonly rules: readonly RuleFacts[] };

/** A scorecard of the entity `lead`: base 0, no range, scores as they come out, one point a rule. */
export function scorecard({ rules, ...facts }: CardFacts): ScorecardModel {
  return {
    kind: 'scorecard',
    name: 'lead_score',
    file: file('models/lead_score.yml'),
    tags: [],
    params: {},
    columns: [],
    tests: [],
    entity: 'lead',
    base: 0,
    groups: new Map(),
    tiers: [],
    disqualify: [],
    segments: [],
    round: 'none',
    ...facts,
    rules: rules.map(completeRule),
  };
}

function completeRule(facts: RuleFacts, index: number): Rule {
  const id = facts.id ?? `rule_${index + 1}`;
  const base = { label: id, points: 1, ...facts, id };
  return base.kind === 'event' ? { ...base, count: base.count ?? { kind: 'each' } } : base;
}
