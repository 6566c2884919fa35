import type { ScoredModel, Segment } from '../project/model-types.ts';
import type { CardGate, CardSegment, CardTier, ScoredCard } from './card.ts';
import { entityOf } from './entity-of.ts';
import { numberKinds, type SettingReader } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';

export interface ScoredReaders {
  /** Of the model's file. */
  readonly reader: SettingReader;
  /** Of the project's file, for what entities say. */
  readonly ofProject: SettingReader;
  readonly context: ScoringContext;
}

/** What every scored model has. Problems go to the readers' context. */
export function readScoredCard(model: ScoredModel, { reader, ofProject, context }: ScoredReaders): ScoredCard {
  const entity = entityOf(model, context);
  const people = ofProject.relation(['entities', entity.name, 'relation'], entity.relation);
  const { overrides } = model;
  return {
    name: model.name,
    entity: entity.name,
    key: entity.key,
    people,
    range: readRange(model, reader),
    round: model.round,
    tiers: model.tiers.map((tier, index): CardTier => {
      const at = reader.number(['tiers', index, 'at'], tier.at, numberKinds.decimal);
      const topRatio = reader.number(['tiers', index, 'top'], tier.top, numberKinds.share);
      return { name: tier.name, at, topRatio };
    }),
    segments: model.kind === 'scorecard' ? model.segments.map((each, index) => readSegment(each, index, reader)) : [],
    gates: model.disqualify.map(({ id, label, when }, index): CardGate => {
      return { id, label, when: reader.expression(['disqualify', index, 'when'], when) };
    }),
    hysteresis: reader.number(['hysteresis'], model.hysteresis, numberKinds.limit),
    overrides: overrides === undefined ? null : reader.relation(['overrides'], `{{ ref('${overrides}') }}`),
  };
}

function readRange({ range }: ScoredModel, reader: SettingReader): ScoredCard['range'] {
  const min = reader.number(['range', 0], range?.min, numberKinds.decimal);
  const max = reader.number(['range', 1], range?.max, numberKinds.decimal);
  return min === undefined || max === undefined ? null : { min, max };
}

function readSegment({ name, when, tiers }: Segment, index: number, reader: SettingReader): CardSegment {
  const path = ['segments', index];
  const thresholds = [...tiers].flatMap(([tier, setting]) => {
    const at = reader.number([...path, 'tiers', tier], setting, numberKinds.decimal);
    return at === undefined ? [] : [[tier, at] as const];
  });
  return {
    name,
    when: when === undefined ? null : reader.expression([...path, 'when'], when),
    tiers: Object.fromEntries(thresholds),
  };
}
