import type { RollupRule } from '../project/rule-types.ts';
import type { CardRollupRule, Expression } from './card.ts';
import type { CardReader } from './card-reader.ts';
import { numberKinds, type YamlPath } from './setting-reader.ts';

type RollupParts = Omit<CardRollupRule, 'id' | 'label' | 'limit' | 'group' | 'points'>;

export function readCardRollup(rule: RollupRule, path: YamlPath, reader: CardReader): RollupParts {
  const { agg, where, weight, per, atLeast } = rule;
  const optional = (at: string, text: string | undefined): Expression | undefined =>
    text === undefined ? undefined : reader.expression([...path, at], text);
  const rows = reader.memberRows(rule.rollup);
  return {
    kind: 'rollup',
    rows,
    agg:
      agg.kind === 'distinct'
        ? { kind: 'distinct', value: reader.expression([...path, 'agg', 'distinct'], agg.column) }
        : agg,
    where: optional('where', where),
    weight: weight === undefined ? undefined : reader.weight([...path, 'weight'], { id: rule.id, weight }, rows),
    per: optional('per', per),
    atLeast: reader.number([...path, 'at_least'], atLeast, numberKinds.count),
  };
}
