import { didYouMean } from '../../errors/did-you-mean.ts';
import { valueAt } from '../files/problem-at.ts';
import type { YamlFile } from '../files/yaml-file.ts';
import type { RuleChange, Segment, Tier } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { Rule } from '../rule-types.ts';
import type { NumberSetting } from '../setting-types.ts';
import type { SegmentShape } from '../shapes/segment-schema.ts';
import { readDecay } from './read-decay.ts';
import { type Refuse, refuseIn } from './read-scored.ts';
import { repeatedAt } from './repeated-at.ts';

export interface SegmentsRequest {
  readonly shapes: readonly SegmentShape[];
  readonly rules: readonly Rule[];
  readonly tiers: readonly Tier[];
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}

const changeKeys = ['points', 'limit', 'within', 'decay'] as const;

/** Segments in the file's order; changes of rules and tiers that the card does not have are reported and left out. */
export function readSegments(request: SegmentsRequest): readonly Segment[] {
  const { shapes, yaml, report } = request;
  const refuse = refuseIn(yaml, report);
  for (const index of repeatedAt(shapes.map(({ name }) => name))) {
    refuse(['segments', index, 'name'], `segment \`${shapes[index]?.name}\` stands twice`);
  }
  shapes.forEach(({ name, when }, index) => {
    if (when !== undefined || index === shapes.length - 1) return;
    const message = `segment \`${name}\` has no \`when\` and takes all the rest, so no segment below it is ever reached`;
    refuse(['segments', index], message, 'Put it last.');
  });
  return shapes.map((shape, index) => {
    const rules = new Map<string, RuleChange>();
    for (const key of changeKeys) {
      for (const [id, value] of Object.entries(shape[key] ?? {})) {
        const change = readChange({ ...request, refuse, index, key, id, value });
        if (change !== null) rules.set(id, { ...rules.get(id), ...change });
      }
    }
    return { name: shape.name, when: shape.when, rules, tiers: readThresholds(shape, index, request, refuse) };
  });
}

interface ChangeRequest extends SegmentsRequest {
  readonly refuse: Refuse;
  readonly index: number;
  readonly key: (typeof changeKeys)[number];
  readonly id: string;
  readonly value: NonNullable<NonNullable<SegmentShape[(typeof changeKeys)[number]]>[string]>;
}

function readChange({ rules, yaml, report, refuse, index, key, id, value }: ChangeRequest): RuleChange | null {
  const path = ['segments', index, key, id];
  const rule = rules.find((each) => each.id === id);
  if (rule === undefined) {
    // Also those that have mistakes of their own.
    const written = valueAt(yaml.data, ['rules']);
    const known = (Array.isArray(written) ? written : []).map((each) => String(valueAt(each, ['id'])));
    if (!known.includes(id)) refuse(path, `unknown rule \`${id}\``, didYouMean(id, known));
    return null;
  }
  const problem = misfit(rule, key, value);
  if (problem !== null) {
    refuse(path, `rule \`${id}\` ${problem}`);
    return null;
  }
  switch (key) {
    case 'points':
      return typeof value === 'string' ? { points: { sql: value } } : { points: value as NumberSetting };
    case 'limit':
      return { limit: value as NumberSetting | 'none' };
    case 'within':
      return { within: value as RuleChange['within'] };
    case 'decay': {
      if (value === 'none') return { decay: 'none' };
      const decay = readDecay({ shape: value as object, rule: id, path, yaml, report });
      return decay === null ? null : { decay };
    }
    default:
      return key satisfies never;
  }
}

/** Why a rule cannot have what a segment gives it; null where it can. */
function misfit(rule: Rule, key: ChangeRequest['key'], value: unknown): string | null {
  const isEvent = rule.kind === 'event';
  if (key === 'points' && isEvent && typeof rule.points === 'object' && 'bands' in rule.points) {
    return 'has `bands`, which a segment cannot replace by points: make two rules of it, each with a `where`';
  }
  if (key === 'points' && isEvent && rule.atLeast !== undefined && typeof value === 'string') {
    return 'gives its points once with `at_least`, so that SQL over an event has no one event to look at';
  }
  if (key === 'within') {
    if (isEvent && rule.between !== undefined) return 'has `between`, which a segment cannot replace by `within`';
    if (rule.kind === 'absence' && value === 'none') return 'says that something did not happen, and so needs a window';
    if (!isEvent && rule.kind !== 'absence') return 'looks at no events, so there is nothing that `within` could mean';
  }
  if (key === 'decay' && !isEvent) return 'adds up no events, so there is nothing that could fade';
  return null;
}

function readThresholds(
  { tiers: written }: SegmentShape,
  index: number,
  { tiers }: SegmentsRequest,
  refuse: Refuse,
): ReadonlyMap<string, NumberSetting> {
  const thresholds = new Map<string, NumberSetting>();
  for (const [name, at] of Object.entries(written ?? {})) {
    const path = ['segments', index, 'tiers', name];
    const tier = tiers.find((each) => each.name === name);
    if (tier === undefined) {
      refuse(
        path,
        `unknown tier \`${name}\``,
        didYouMean(
          name,
          tiers.map((each) => each.name),
        ),
      );
    } else if (tier.at === undefined) {
      refuse(path, `tier \`${name}\` has no \`at\` in \`tiers\`, so a segment has no threshold to replace`);
    } else thresholds.set(name, at);
  }
  checkOrder(tiers, thresholds, index, refuse);
  return thresholds;
}

function checkOrder(
  tiers: readonly Tier[],
  thresholds: ReadonlyMap<string, NumberSetting>,
  index: number,
  refuse: Refuse,
): void {
  let above: { readonly name: string; readonly at: number } | undefined;
  for (const tier of tiers) {
    const at = thresholds.get(tier.name) ?? tier.at;
    if (typeof at !== 'number') continue;
    if (above !== undefined && at >= above.at && (thresholds.has(tier.name) || thresholds.has(above.name))) {
      const place = thresholds.has(tier.name) ? tier.name : above.name;
      const message = `in this segment tier \`${tier.name}\` is at ${at}, and \`${above.name}\` above it at ${above.at}: expected the highest first`;
      refuse(['segments', index, 'tiers', place], message);
    }
    above = { name: tier.name, at };
  }
}
