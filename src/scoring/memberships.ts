import { sql } from 'kysely';
import { type EntityStep, entityPath } from '../project/entity-path.ts';
import type { Entity } from '../project/entity-types.ts';
import { castTo } from '../sql/cast-to.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { Expression, Meaning } from './card.ts';
import { decimalLiteral, name, pointsType } from './literals.ts';
import { SettingReader } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';
import { type WeightCheck, weightCheck } from './weight-check.ts';

/**
 * Which rows of an entity belong to which of another, as a SELECT in parentheses: `member__key`, `owner__key`, and, where
 * a bridge on the way has weights, `member__weight` (a decimal of six places). One row per pair, whatever the number of
 * ways between the two; keys are never null. Weights of one pair add up, along a way they multiply. A weight that is no
 * number counts 0: `weights` finds those.
 */
export interface Memberships extends Expression {
  readonly isWeighted: boolean;
  /** Of the bridges on the way. */
  readonly weights: readonly WeightCheck[];
  /** Models read. */
  readonly refs: ReadonlySet<string>;
}

export const memberKey = 'member__key';
export const ownerKey = 'owner__key';
export const memberWeight = 'member__weight';

/** @returns null where `child` does not belong to `parent`, directly or through others */
export function memberships(child: string, parent: string, context: ScoringContext): Memberships | null {
  const path = entityPath(context.project.entities, child, parent);
  if (path === null || path.length === 0) return null;
  return path.map((step) => levelOf(step, context)).reduce((low, high) => joinLevels(low, high, context.dialect));
}

/** @returns the entity of that name; a project that names an unknown one is refused when it is read */
function entityNamed(entity: string, { project }: ScoringContext): Entity {
  const found = project.entities.get(entity);
  if (found === undefined) throw new TypeError(`There is no entity ${entity}`);
  return found;
}

function levelOf({ child, parent, belonging }: EntityStep, context: ScoringContext): Memberships {
  const reader = new SettingReader(context.project.file, context);
  const member = sql.id(entityNamed(child, context).key);
  const path = ['entities', child, 'belongs_to', parent];
  if (belonging.kind === 'column') {
    const people = reader.relation(['entities', child, 'relation'], entityNamed(child, context).relation);
    const owner = sql.id(belonging.column);
    const columns = sql`${member} as ${name(memberKey)}, ${owner} as ${name(ownerKey)}`;
    const fragment = sql`(\n    select ${columns}\n    from ${people.fragment}\n    where ${member} is not null and ${owner} is not null)`;
    const meaning = meaningOf([people.meaning, { sql: belonging.column, params: {} }]);
    return { fragment, meaning, isWeighted: false, weights: [], refs: reader.refs };
  }
  const pairs = reader.relation([...path, 'via'], belonging.via);
  const owner = sql.id(entityNamed(parent, context).key);
  const from = sql`from ${pairs.fragment}\n    where ${member} is not null and ${owner} is not null`;
  const keys = sql`${member} as ${name(memberKey)}, ${owner} as ${name(ownerKey)}`;
  if (belonging.weight === undefined) {
    const fragment = sql`(\n    select distinct ${keys}\n    ${from})`;
    return { fragment, meaning: meaningOf([pairs.meaning]), isWeighted: false, weights: [], refs: reader.refs };
  }
  const weight = reader.expression([...path, 'weight'], belonging.weight);
  const sum = sql`sum(${sixDecimals(weight.fragment, context.dialect)})`;
  const { file } = context.project;
  const check = weightCheck({
    of: `\`belongs_to: ${parent}\` of entity \`${child}\` (${file.path}:${file.locate([...path, 'weight']).line})`,
    path: ['entity'],
    from: pairs.fragment,
    weight: weight.fragment,
    key: member,
    dialect: context.dialect,
  });
  return {
    fragment: weightedPairs(keys, sum, from, [member, owner], context.dialect),
    meaning: meaningOf([pairs.meaning, weight.meaning]),
    isWeighted: true,
    weights: [check],
    refs: reader.refs,
  };
}

/** A number of any type as a decimal of six places; 0 for null and for what is no number. */
export function sixDecimals(value: Fragment, dialect: Dialect): Fragment {
  return sql`coalesce(${dialect.roundTo(value, 18, 6)}, ${decimalLiteral(0, dialect)})`;
}

function joinLevels(low: Memberships, high: Memberships, dialect: Dialect): Memberships {
  const member = sql`low.${name(memberKey)}`;
  const owner = sql`high.${name(ownerKey)}`;
  const keys = sql`${member} as ${name(memberKey)}, ${owner} as ${name(ownerKey)}`;
  const from = sql`from ${low.fragment} as low\n    join ${high.fragment} as high on high.${name(memberKey)} = low.${name(ownerKey)}`;
  const isWeighted = low.isWeighted || high.isWeighted;
  const weights = [
    low.isWeighted ? sql`low.${name(memberWeight)}` : [],
    high.isWeighted ? sql`high.${name(memberWeight)}` : [],
  ];
  const fragment = isWeighted
    ? weightedPairs(keys, sql`sum(${sql.join(weights.flat(), sql.raw(' * '))})`, from, [member, owner], dialect)
    : sql`(\n    select distinct ${keys}\n    ${from})`;
  const refs = new Set([...low.refs, ...high.refs]);
  const checks = [...low.weights, ...high.weights];
  return { fragment, meaning: meaningOf([low.meaning, high.meaning]), isWeighted, weights: checks, refs };
}

function weightedPairs(
  keys: Fragment,
  sum: Fragment,
  from: Fragment,
  groups: readonly Fragment[],
  dialect: Dialect,
): Fragment {
  const weight = sql`${castTo(dialect, sum, pointsType)} as ${name(memberWeight)}`;
  return sql`(\n    select ${keys}, ${weight}\n    ${from}\n    group by ${sql.join(groups)})`;
}

/** What stands for several pieces of SQL together in the fingerprint. */
export function meaningOf(parts: readonly Meaning[]): Meaning {
  return { sql: JSON.stringify(parts), params: {} };
}
