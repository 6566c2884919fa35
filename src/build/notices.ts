import { sql } from 'kysely';
import type { Model, ModelTest, ScoredModel } from '../project/model-types.ts';
import { disqualifiedTier, isScored } from '../project/scored-model.ts';
import { textLiteral } from '../scoring/literals.ts';
import { overrideRows } from '../scoring/override-step.ts';
import { oneRow } from '../sql/one-row.ts';
import type { Fragment, RenderContext } from '../sql/types.ts';
import type { CompiledTest, Notice } from './types.ts';

/** @param context its scope leads the model's own name to the rows under test */
export function noticeTests(model: Model, [key]: readonly string[], context: RenderContext): readonly CompiledTest[] {
  const tested = context.scope.ref(model.name);
  if (!isScored(model) || key === undefined || tested === null) return [];
  return [...segmentNotices(model, tested, context), ...overrideNotices(model, key, tested, context)];
}

function segmentNotices(model: ScoredModel, tested: Fragment, { dialect }: RenderContext): readonly CompiledTest[] {
  if (model.kind !== 'scorecard') return [];
  return model.segments.flatMap(({ name, when }, index) => {
    if (when === undefined) return [];
    const text = dialect.type({ kind: 'text' });
    const isThere = sql`exists (select 1 from ${tested} as rows_of_all)`;
    const isMet = sql`exists (select 1 from ${tested} as rows_of_all where segment = ${textLiteral(name, dialect)})`;
    const failing = sql`    select cast(null as ${text}) as example from ${oneRow} where ${isThere} and not ${isMet}`;
    const one = `segment \`${name}\` matches no ${model.entity}`;
    return [notice(`segment ${name}`, ['segments', index, 'when'], { failing, one, many: `times ${one}` })];
  });
}

function overrideNotices(
  model: ScoredModel,
  key: string,
  tested: Fragment,
  { dialect, scope }: RenderContext,
): readonly CompiledTest[] {
  const { overrides, entity, tiers } = model;
  const relation = overrides === undefined ? null : scope.ref(overrides);
  if (overrides === undefined || relation === null) return [];
  const asOf = dialect.bind({ kind: 'timestamp' }, String(scope.param('as_of')?.value));
  const text = dialect.type({ kind: 'text' });
  const id = sql.id(key);
  const rows = sql`${overrideRows(relation, key, dialect)} as set_by_hand`;
  const inForce = sql`set_by_hand.${id} is not null and (set_by_hand.until is null or set_by_hand.until > ${asOf})`;
  const inWords = (...more: readonly Fragment[]) =>
    dialect.joinText([textLiteral(`${key} `, dialect), sql`cast(set_by_hand.${id} as ${text})`, ...more], '');
  const known = [...tiers.map((tier) => tier.name), disqualifiedTier].map((tier) => textLiteral(tier, dialect));
  const wrongTier = sql`set_by_hand.tier is not null and set_by_hand.tier not in (${sql.join(known)})`;
  const path = ['overrides'];
  return [
    notice(`overrides of unknown ${entity} rows`, path, {
      failing: sql`    select ${inWords()} as example from ${rows} where ${inForce}
      and not exists (select 1 from ${tested} as rows_of_all where rows_of_all.${id} = set_by_hand.${id})`,
      one: `1 override is for a ${entity} that is not there`,
      many: `overrides are for ${entity} rows that are not there`,
    }),
    notice('overrides with unknown tiers', path, {
      failing: sql`    select ${inWords(sql.lit(', tier '), sql`set_by_hand.tier`)} as example from ${rows} where ${inForce} and ${wrongTier}`,
      one: '1 override sets a tier that the model does not have, and does nothing',
      many: 'overrides set a tier that the model does not have, and do nothing',
    }),
  ];
}

function notice(name: string, path: ModelTest['path'], found: Notice): CompiledTest {
  const test: ModelTest = { kind: 'sql', name, sql: { sql: '' }, severity: 'warn', path };
  return { test, isPrimaryKey: false, notice: found };
}
