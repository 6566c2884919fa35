import type { RuleChange, Segment } from '../project/model-types.ts';
import { bandsOf, type CardEventRule, type CardRule, type CardVariant } from './card.ts';
import { weightedPoints } from './card-reader.ts';
import { checkRule } from './check-rule.ts';
import { readDecay } from './read-decay.ts';
import { readPoints } from './read-points.ts';
import { numberKinds, type SettingReader, type YamlPath } from './setting-reader.ts';

/** The rules, each with a variant for every segment that changes it. */
export function withVariants(
  rules: readonly CardRule[],
  segments: readonly Segment[],
  reader: SettingReader,
): readonly CardRule[] {
  const ids = new Set(rules.map(({ id }) => id));
  return rules.map((rule) => {
    const variants = segments.flatMap((segment, index): readonly CardVariant[] => {
      const change = segment.rules.get(rule.id);
      if (change === undefined) return [];
      let id = `${rule.id}__in_${segment.name}`;
      while (ids.has(id)) id = `${id}_`;
      ids.add(id);
      // The label is the rule's: without it, a variant's fingerprint changes with nothing but its points.
      const own = { ...rule, id, label: '' };
      const variant = changed(own, change, { path: ['segments', index], id: rule.id, reader });
      checkRule(variant, ['segments', index], reader);
      return [{ segment: segment.name, rule: variant }];
    });
    return variants.length === 0 ? rule : { ...rule, variants };
  });
}

interface ChangePlace {
  /** The segment's. */
  readonly path: YamlPath;
  /** The rule's id, as the file has it. */
  readonly id: string;
  readonly reader: SettingReader;
}

function changed(rule: CardRule, change: RuleChange, { path, id, reader }: ChangePlace): CardRule {
  const at = (key: keyof RuleChange) => [...path, key, id];
  const limit =
    change.limit === undefined
      ? rule.limit
      : change.limit === 'none'
        ? undefined
        : reader.number(at('limit'), change.limit, numberKinds.limit);
  const points = change.points === undefined ? undefined : readPoints(change.points, at('points'), reader);
  const within =
    change.within === undefined || change.within === 'none' ? undefined : reader.span(at('within'), change.within);
  switch (rule.kind) {
    case 'event':
      return {
        ...rule,
        limit,
        points: points === undefined ? rule.points : eventPoints(rule, points),
        within: change.within === undefined ? rule.within : within,
        decay: changedDecay(rule, change, at('decay'), reader),
      };
    case 'absence':
      return { ...rule, limit, points: points ?? rule.points, within: within ?? rule.within };
    default:
      return { ...rule, limit, points: points ?? rule.points };
  }
}

/** In a rule with `at_least`, which is one band, the band's points change. */
function eventPoints(rule: CardEventRule, points: Exclude<CardEventRule['points'], { bands: unknown }>) {
  const [band] = bandsOf(rule) ?? [];
  if (band !== undefined && typeof points === 'number') return { bands: [{ ...band, points }] };
  return weightedPoints(points, rule.events);
}

function changedDecay(rule: CardEventRule, { decay }: RuleChange, path: YamlPath, reader: SettingReader) {
  if (decay === undefined) return rule.decay;
  return decay === 'none' ? undefined : readDecay(decay, path, reader);
}
