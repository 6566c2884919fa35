import { type ProblemText, problemAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { RuleShape } from '../shapes/rule-schema.ts';
import type { Decay, EventRule, Points, Rule } from '../types.ts';
import { labelFrom } from './label-from.ts';

type RuleKey = keyof RuleShape;

interface RuleKind {
  readonly kind: Rule['kind'];
  readonly needs: readonly RuleKey[];
  readonly takes: readonly RuleKey[];
}

/** By the key that makes a rule one of its kind. */
const ruleKinds = {
  events: { kind: 'event', needs: ['at'], takes: ['where', 'within', 'count', 'max_per_day', 'decay'] },
  when: { kind: 'attribute', needs: [], takes: [] },
  no_events: { kind: 'absence', needs: ['at', 'within'], takes: ['where'] },
  value: { kind: 'numeric', needs: [], takes: [] },
} as const satisfies Partial<Record<RuleKey, RuleKind>>;

type KindKey = keyof typeof ruleKinds;
const kindKeys: readonly KindKey[] = ['events', 'when', 'no_events', 'value'];
const eventKeys = ['at', 'where', 'within', 'count', 'max_per_day', 'decay'] as const satisfies readonly RuleKey[];

export interface RuleRequest {
  readonly shape: RuleShape;
  readonly path: YamlPath;
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}

/** @returns null where the rule's keys do not go together; `report` then knows why */
export function readRule(request: RuleRequest): Rule | null {
  const { shape, path, yaml, report } = request;
  const present = kindKeys.filter((key) => shape[key] !== undefined);
  const [kindKey, second] = present;
  if (kindKey === undefined) {
    const message = `rule \`${shape.id}\` says nothing to score by: expected one of ${kindKeys.join(', ')}`;
    report({ ...problemAt(yaml, path, invalid(message)), value: shape.id });
    return null;
  }
  if (second !== undefined) {
    const message = `rule \`${shape.id}\` has both \`${kindKey}\` and \`${second}\`: expected one of them`;
    const hint = second === 'when' ? 'A predicate on the event row is called `where`.' : 'Make two rules of it.';
    report(problemAtKey(yaml, path, second, { ...invalid(message), hint }));
    return null;
  }
  const fits = checkKeys(request, kindKey);
  const decay = shape.decay === undefined ? undefined : readDecay(request);
  return fits && decay !== null ? build(shape, kindKey, decay) : null;
}

function checkKeys({ shape, path, yaml, report }: RuleRequest, kindKey: KindKey): boolean {
  const { needs, takes }: RuleKind = ruleKinds[kindKey];
  const missing = needs.filter((key) => shape[key] === undefined);
  const foreign = eventKeys.filter((key) => shape[key] !== undefined && !needs.includes(key) && !takes.includes(key));
  for (const key of missing) {
    const message = `rule \`${shape.id}\` has \`${kindKey}\` without \`${key}\``;
    report({ ...problemAt(yaml, path, invalid(message)), value: shape.id });
  }
  for (const key of foreign) {
    const owners = kindKeys.filter((other) => keysOf(other).includes(key)).map((other) => `\`${other}\``);
    const message = `rule \`${shape.id}\` has \`${kindKey}\`, which takes no \`${key}\`: it goes with ${owners.join(' and ')}`;
    report(problemAtKey(yaml, path, key, invalid(message)));
  }
  return missing.length === 0 && foreign.length === 0;
}

function keysOf(kindKey: KindKey): readonly RuleKey[] {
  return [...ruleKinds[kindKey].needs, ...ruleKinds[kindKey].takes];
}

function readDecay({ shape, path, yaml, report }: RuleRequest): Decay | null {
  const { half_life: halfLife, linear, every, by } = shape.decay ?? {};
  const ways = [halfLife, linear, every ?? by].filter((way) => way !== undefined);
  if (ways.length === 1) {
    if (halfLife !== undefined) return { kind: 'half_life', halfLife };
    if (linear !== undefined) return { kind: 'linear', to: linear };
    if (every !== undefined && by !== undefined) return { kind: 'step', every, by };
  }
  const message = `decay of rule \`${shape.id}\`: expected one of { half_life: 14d }, { linear: 60d } or { every: 30d, by: 50% }`;
  report(problemAt(yaml, [...path, 'decay'], invalid(message)));
  return null;
}

function build(shape: RuleShape, kindKey: KindKey, decay: Decay | undefined): Rule | null {
  const { id, description, limit, group, at, where, within } = shape;
  const points: Points = typeof shape.points === 'string' ? { sql: shape.points } : shape.points;
  const base = { id, label: shape.label ?? labelFrom(id), description, points, limit, group };
  switch (kindKey) {
    case 'events': {
      if (shape.events === undefined || at === undefined) return null;
      const { events, max_per_day: maxPerDay } = shape;
      return { ...base, kind: 'event', events, at, where, within, count: readCount(shape), maxPerDay, decay };
    }
    case 'when':
      return shape.when === undefined ? null : { ...base, kind: 'attribute', when: shape.when };
    case 'no_events': {
      if (shape.no_events === undefined || at === undefined || within === undefined) return null;
      const noEvents = [shape.no_events].flat();
      return { ...base, kind: 'absence', noEvents, at, where, within };
    }
    case 'value':
      return shape.value === undefined ? null : { ...base, kind: 'numeric', value: shape.value };
    default:
      return kindKey satisfies never;
  }
}

function readCount({ count = 'each' }: RuleShape): EventRule['count'] {
  return typeof count === 'string' ? { kind: count } : { kind: 'distinct', column: count.distinct };
}

function invalid(message: string): ProblemText {
  return { code: 'MODEL_INVALID', message };
}
