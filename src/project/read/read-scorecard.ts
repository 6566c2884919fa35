import { didYouMean } from '../../errors/did-you-mean.ts';
import { namesAt } from '../files/problem-at.ts';
import type { SqlFiles } from '../files/sql-files.ts';
import type { YamlFile } from '../files/yaml-file.ts';
import type { Group, ScorecardModel } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ScorecardShape } from '../shapes/model-schema.ts';
import type { ModelBase } from './model-request.ts';
import { readAliases } from './read-aliases.ts';
import { readIncremental } from './read-incremental.ts';
import { readReasons } from './read-reasons.ts';
import { readRule } from './read-rule.ts';
import { isAbove, readScored, refuseIn } from './read-scored.ts';
import { readSegments } from './read-segments.ts';
import { repeatedAt } from './repeated-at.ts';

export interface ScorecardRequest {
  readonly shape: ScorecardShape;
  readonly base: ModelBase;
  readonly yaml: YamlFile;
  readonly sqlFiles: SqlFiles;
  readonly report: ProblemSink;
}

export function readScorecard({ shape, base, yaml, sqlFiles, report }: ScorecardRequest): ScorecardModel {
  const refuse = refuseIn(yaml, report);
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

  const scored = readScored(shape, refuse);
  const segments = readSegments({ shapes: shape.segments ?? [], rules, tiers: scored.tiers, yaml, report });
  const aliases = shape.aliases === undefined ? undefined : readAliases(shape.aliases);
  const reasons = readReasons({ shape: shape.reasons, yaml, code: 'MODEL_INVALID', sqlFiles, report });
  return {
    ...base,
    ...scored,
    kind: 'scorecard',
    aliases,
    base: shape.base,
    groups: new Map(groups),
    rules,
    segments,
    reasons,
    incremental: readIncremental(shape.incremental),
  };
}
