import { problemAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ScoredModel, Tier } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { parseRelation } from '../relation-name.ts';
import { disqualifiedTier } from '../scored-model.ts';
import type { NumberSetting } from '../setting-types.ts';
import type { CombineShape, ScorecardShape } from '../shapes/model-schema.ts';
import { labelFrom } from './label-from.ts';
import { repeatedAt } from './repeated-at.ts';

/** What every scored model has, read. */
export type ScoredParts = Pick<
  ScoredModel,
  'entity' | 'range' | 'tiers' | 'round' | 'disqualify' | 'hysteresis' | 'overrides'
>;

export type Refuse = (path: YamlPath, message: string, hint?: string) => void;

export function refuseIn(yaml: YamlFile, report: ProblemSink): Refuse {
  return (path, message, hint) => report(problemAt(yaml, path, { code: 'MODEL_INVALID', message, hint }));
}

export function readScored(shape: ScorecardShape | CombineShape, refuse: Refuse): ScoredParts {
  const [min, max] = shape.range ?? [];
  const range = min === undefined || max === undefined ? undefined : { min, max };
  if (range !== undefined && isAbove(min, max)) refuse(['range'], `range [${min}, ${max}] begins above its end`);

  const tiers = shape.tiers ?? [];
  checkTiers(tiers, refuse);
  const { entity, round, hysteresis } = shape;
  if (hysteresis !== undefined && !tiers.some(({ at }) => at !== undefined)) {
    const why = tiers.length === 0 ? 'the model has no tiers' : 'no tier has an `at`';
    refuse(['hysteresis'], `\`hysteresis\` keeps scores from flapping around thresholds, and ${why}`, 'Leave it out.');
  }

  const gates = shape.disqualify ?? [];
  for (const index of repeatedAt(gates.map(({ id }) => id))) {
    refuse(['disqualify', index, 'id'], `gate \`${gates[index]?.id}\` stands twice: expected another id`);
  }
  const disqualify = gates.map(({ id, label, when }) => ({ id, label: label ?? labelFrom(id), when }));
  const overrides = shape.overrides === undefined ? undefined : modelNameIn(shape.overrides);
  return { entity, range, tiers, round, disqualify, hysteresis, overrides };
}

/** `lead_fit`, written so or as `{{ ref('lead_fit') }}`. */
export function modelNameIn(written: string): string {
  const relation = parseRelation(written);
  return relation.kind === 'ref' ? relation.model : written.trim();
}

export function isAbove(min: NumberSetting | undefined, max: NumberSetting | undefined): boolean {
  return typeof min === 'number' && typeof max === 'number' && min > max;
}

function checkTiers(tiers: readonly Tier[], refuse: Refuse): void {
  for (const index of repeatedAt(tiers.map(({ name }) => name))) {
    refuse(['tiers', index, 'name'], `tier \`${tiers[index]?.name}\` stands twice`);
  }
  tiers.forEach(({ name, at, top }, index) => {
    const path = ['tiers', index];
    if (name === disqualifiedTier)
      refuse([...path, 'name'], `the tier name \`${disqualifiedTier}\` is reserved for people who are ruled out`);
    if (at !== undefined && top !== undefined) {
      refuse([...path, 'top'], `tier \`${name}\` has both \`at\` and \`top\`: expected one of them`);
    }
    if (at === undefined && top === undefined && index < tiers.length - 1) {
      refuse(
        path,
        `tier \`${name}\` has no \`at\` and no \`top\`, so no tier below it is ever reached: only the last tier may have none`,
      );
    }
    if (top === 1 && index < tiers.length - 1) {
      refuse([...path, 'top'], `tier \`${name}\` takes everyone, so no tier below it is ever reached`);
    }
  });
  checkOrder(tiers, 'at', refuse);
  checkOrder(tiers, 'top', refuse);
}

/** Thresholds fall from tier to tier, shares grow; what parameters give is checked when the model is compiled. */
function checkOrder(tiers: readonly Tier[], key: 'at' | 'top', refuse: Refuse): void {
  let above: { readonly name: string; readonly value: number } | undefined;
  tiers.forEach((tier, index) => {
    const value = tier[key];
    if (typeof value !== 'number') return;
    const { name } = tier;
    if (above !== undefined && key === 'at' && value >= above.value) {
      const message = `tier \`${name}\` is at ${value}, and \`${above.name}\` above it is at ${above.value}: expected the highest first, each lower than the one before`;
      refuse(['tiers', index, key], message);
    }
    if (above !== undefined && key === 'top' && value <= above.value) {
      const message = `tier \`${name}\` is the best ${percent(value)} of all, and \`${above.name}\` above it the best ${percent(above.value)}: expected each share larger than the one before`;
      refuse(['tiers', index, key], message, 'A share counts from the top: the tiers above are a part of it.');
    }
    above = { name, value };
  });
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(12))}%`;
}
