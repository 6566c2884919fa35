import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { Card, CardRule, ScoredCard } from './card.ts';
import { name, textLiteral } from './literals.ts';
import { column } from './select-text.ts';

/*
 * A segment that changes a rule gets a variant of it, which is computed beside the rule in the same pass over the events;
 * which one counts is decided where the sums of an entity meet. So everything that a rule can be, a variant can be.
 */

/** The rules of the card and all of their variants. */
export function everyRule({ rules }: Pick<Card, 'rules'>): readonly CardRule[] {
  return rules.flatMap((rule) => [rule, ...(rule.variants ?? []).map((variant) => variant.rule)]);
}

/** What counts in the entity's segment. @param of the same for the rule and each of its variants */
export function inSegment(rule: CardRule, dialect: Dialect, of: (variant: CardRule) => Fragment): Fragment {
  const variants = rule.variants ?? [];
  if (variants.length === 0) return of(rule);
  const whens = variants.map((variant) => sql`when ${textLiteral(variant.segment, dialect)} then ${of(variant.rule)}`);
  return sql`case in_segment ${sql.join(whens, sql.raw(' '))} else ${of(rule)} end`;
}

/** The rule as it is for an entity of a segment. */
export function variantIn(rule: CardRule, segment: string | null): CardRule {
  return rule.variants?.find((variant) => variant.segment === segment)?.rule ?? rule;
}

/** What the entity's row says of its segment and gates; `entityColumns` names the columns. */
export function entityFacts({ segments, gates }: ScoredCard, dialect: Dialect): readonly Fragment[] {
  const holds = gates.map((gate) => column(gate.when.fragment, gateColumn(gate.id)));
  if (segments.length === 0) return holds;
  const rest = segments.find(({ when }) => when === null);
  const whens = segments.flatMap(({ name: segment, when }) =>
    when === null ? [] : [sql`when ${when.fragment} then ${textLiteral(segment, dialect)}`],
  );
  const text = dialect.type({ kind: 'text' });
  const otherwise = rest === undefined ? sql`null` : textLiteral(rest.name, dialect);
  const segment = whens.length === 0 ? otherwise : sql`case ${sql.join(whens, sql.raw(' '))} else ${otherwise} end`;
  return [column(sql`cast(${segment} as ${text})`, 'in_segment'), ...holds];
}

/** `in_segment`, where the card has segments, and `gate__<id>` for each gate. */
export function entityColumns(card: ScoredCard): readonly Fragment[] {
  return entityColumnNames(card).map(name);
}

export function entityColumnNames({ segments, gates }: ScoredCard): readonly string[] {
  return [...(segments.length === 0 ? [] : ['in_segment']), ...gates.map(({ id }) => gateColumn(id))];
}

export function gateColumn(id: string): string {
  return `gate__${id}`;
}
