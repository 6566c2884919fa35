import { problemAtKey } from '../files/problem-at.ts';
import { parseRelation } from '../relation-name.ts';
import type { RollupAgg, RollupRule, Rule } from '../rule-types.ts';
import { topPattern } from '../shapes/rollup-keys.ts';
import type { RuleShape } from '../shapes/rule-schema.ts';
import type { RuleRequest } from './rule-request.ts';

type Base = Pick<Rule, 'id' | 'label' | 'description' | 'limit' | 'group'>;

/** @returns null where its keys do not go together; `report` then knows why */
export function readRollup({ shape, path, yaml, report }: RuleRequest, base: Base): RollupRule | null {
  const { rollup, agg, where, weight, per, points, at_least: atLeast } = shape;
  if (rollup === undefined || agg === undefined || points === undefined) return null;
  const refuse = (key: keyof RuleShape, message: string, hint: string) => {
    report(problemAtKey(yaml, path, key, { code: 'MODEL_INVALID', message: `rule \`${shape.id}\` ${message}`, hint }));
    return null;
  };
  if (agg === 'count_where' && where === undefined) {
    return refuse('agg', 'has `agg: count_where` without `where`', 'Say which rows count, or write `agg: count`.');
  }
  if (typeof agg === 'object' && weight !== undefined) {
    const hint = 'Take `weight` out, or leave rows out by `where`.';
    return refuse('weight', 'counts distinct values, which have no weight', hint);
  }
  const relation = parseRelation(rollup);
  return {
    ...base,
    kind: 'rollup',
    rollup: relation.kind === 'ref' ? relation.model : rollup.trim(),
    agg: readAgg(agg),
    where,
    weight: typeof weight === 'number' ? String(weight) : weight,
    per,
    atLeast,
    points: typeof points === 'string' ? { sql: points } : points,
  };
}

function readAgg(agg: NonNullable<RuleShape['agg']>): RollupAgg {
  if (typeof agg === 'object') return { kind: 'distinct', column: agg.distinct };
  switch (agg) {
    case 'sum':
    case 'max':
    case 'avg':
    case 'count':
    case 'noisy_or':
      return { kind: agg };
    case 'count_where':
      return { kind: 'count' };
    default:
      return { kind: 'top_avg', top: Number(topPattern.exec(agg)?.[1]) };
  }
}
