import { didYouMean } from '../../errors/did-you-mean.ts';
import { namesAt, problemAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ScorecardShape } from '../shapes/model-schema.ts';
import type { Group, NumberSetting, ScorecardModel, Tier } from '../types.ts';
import type { ModelBase } from './model-request.ts';
import { readRule } from './read-rule.ts';
import { repeatedAt } from './repeated-at.ts';

export interface ScorecardRequest {
  readonly shape: ScorecardShape;
  readonly base: ModelBase;
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}

/** The tier of the gate (`disqualify`), which a card cannot have as its own. */
const reservedTier = 'disqualified';

export function readScorecard({ shape, base, yaml, report }: ScorecardRequest): ScorecardModel {
  const refuse = (path: YamlPath, message: string, hint?: string) =>
    report(problemAt(yaml, path, { code: 'MODEL_INVALID', message, hint }));

  const [min, max] = shape.range ?? [];
  const range = min === undefined || max === undefined ? undefined : { min, max };
  if (range !== undefined && isAbove(min, max)) refuse(['range'], `range [${min}, ${max}] begins above its end`);

  const groups = Object.entries(shape.groups ?? {}).map(([name, limits]): [string, Group] => {
    if (isAbove(limits?.min, limits?.max)) {
      refuse(['groups', name], `group \`${name}\`: min ${limits?.min} is above max ${limits?.max}`);
    }
    return [name, { name, min: limits?.min, max: limits?.max }];
  });

  const rules = shape.rules.flatMap((rule, index) => {
    const read = readRule({ shape: rule, path: ['rules', index], yaml, report });
    return read === null ? [] : [read];
  });
  for (const index of repeatedAt(shape.rules.map(({ id }) => id))) {
    refuse(['rules', index, 'id'], `rule id \`${shape.rules[index]?.id}\` stands twice: expected another one`);
  }
  const knownGroups = namesAt(yaml, ['groups']);
  shape.rules.forEach(({ group }, index) => {
    if (group === undefined || knownGroups.includes(group)) return;
    refuse(['rules', index, 'group'], `unknown group \`${group}\``, didYouMean(group, knownGroups));
  });

  const tiers = shape.tiers ?? [];
  checkTiers(tiers, refuse);
  const { entity, base: start, round } = shape;
  return { ...base, kind: 'scorecard', entity, range, base: start, groups: new Map(groups), rules, tiers, round };
}

function checkTiers(tiers: readonly Tier[], refuse: (path: YamlPath, message: string, hint?: string) => void): void {
  for (const index of repeatedAt(tiers.map(({ name }) => name))) {
    refuse(['tiers', index, 'name'], `tier \`${tiers[index]?.name}\` stands twice`);
  }
  let above: { readonly name: string; readonly at: number } | undefined;
  tiers.forEach(({ name, at }, index) => {
    const path = ['tiers', index];
    if (name === reservedTier)
      refuse([...path, 'name'], `the tier name \`${reservedTier}\` is reserved for people who are ruled out`);
    if (at === undefined && index < tiers.length - 1) {
      refuse(
        path,
        `tier \`${name}\` has no \`at\`, so no tier below it is ever reached: only the last tier may have none`,
      );
    }
    if (typeof at !== 'number') return;
    if (above !== undefined && at >= above.at) {
      const message = `tier \`${name}\` is at ${at}, and \`${above.name}\` above it is at ${above.at}: expected the highest first, each lower than the one before`;
      refuse([...path, 'at'], message);
    }
    above = { name, at };
  });
}

function isAbove(min: NumberSetting | undefined, max: NumberSetting | undefined): boolean {
  return typeof min === 'number' && typeof max === 'number' && min > max;
}
