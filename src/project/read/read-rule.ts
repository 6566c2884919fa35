import { type ProblemText, problemAt, problemAtKey } from '../files/problem-at.ts';
import type { EventRule, Points, Rule } from '../rule-types.ts';
import type { RuleShape } from '../shapes/rule-schema.ts';
import { labelFrom } from './label-from.ts';
import { readCurve } from './read-curve.ts';
import { readDecay } from './read-decay.ts';
import { readReason, reasonPlaces } from './read-reason.ts';
import { readRollup } from './read-rollup.ts';
import { readSession } from './read-session.ts';
import { type RuleContradiction, ruleContradictions } from './rule-contradictions.ts';
import type { RuleRequest } from './rule-request.ts';

type RuleKey = keyof RuleShape;

interface RuleKind {
  readonly kind: Rule['kind'];
  readonly needs: readonly RuleKey[];
  readonly takes: readonly RuleKey[];
}

/** By the key that makes a rule one of its kind. */
const ruleKinds = {
  events: {
    kind: 'event',
    needs: ['at'],
    takes: [
      'by',
      'where',
      'link',
      'within',
      'between',
      'count',
      'max_per_day',
      'at_least',
      'bands',
      'decay',
      'recover',
      'session',
      'curve',
    ],
  },
  when: { kind: 'attribute', needs: [], takes: [] },
  no_events: { kind: 'absence', needs: ['at', 'within'], takes: ['by', 'where', 'repeat', 'recover'] },
  value: { kind: 'numeric', needs: [], takes: ['curve'] },
  rollup: { kind: 'rollup', needs: ['agg'], takes: ['where', 'weight', 'per', 'at_least', 'curve'] },
} as const satisfies Partial<Record<RuleKey, RuleKind>>;

type KindKey = keyof typeof ruleKinds;
const kindKeys: readonly KindKey[] = ['events', 'when', 'no_events', 'value', 'rollup'];
/** Keys that not every kind of rule takes. */
const ownKeys: readonly RuleKey[] = [...new Set(kindKeys.flatMap(keysOf))];

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
  const contradictions = fits ? ruleContradictions(shape) : [];
  for (const contradiction of contradictions) reportContradiction(contradiction, request);
  const curve = shape.curve === undefined ? undefined : readCurve(request);
  const decay =
    shape.decay === undefined
      ? undefined
      : readDecay({ ...request, shape: shape.decay, rule: shape.id, path: [...path, 'decay'] });
  const session = shape.session === undefined ? undefined : readSession(request);
  const reason =
    shape.reason === undefined
      ? undefined
      : readReason({
          ...request,
          code: 'MODEL_INVALID',
          reason: shape.reason,
          path: [...path, 'reason'],
          places: reasonPlaces(shape),
        });
  if (!fits || contradictions.length > 0) return null;
  if (decay === null || curve === null || session === null || reason === null) return null;
  const base = baseOf(shape, { curve, reason });
  return kindKey === 'rollup' ? readRollup(request, base) : build(shape, kindKey, { ...base, decay, session });
}

function checkKeys({ shape, path, yaml, report }: RuleRequest, kindKey: KindKey): boolean {
  const { needs, takes }: RuleKind = ruleKinds[kindKey];
  const missing = needs.filter((key) => shape[key] === undefined);
  const foreign = ownKeys.filter((key) => shape[key] !== undefined && !needs.includes(key) && !takes.includes(key));
  const refuse = (message: string) =>
    report({ ...problemAt(yaml, path, invalid(`rule \`${shape.id}\` ${message}`)), value: shape.id });
  for (const key of missing) refuse(`has \`${kindKey}\` without \`${key}\``);
  const hasPoints = shape.points !== undefined || shape.bands !== undefined;
  if (!hasPoints) {
    refuse(`gives no points: expected \`points\`, a number or SQL${kindKey === 'events' ? ', or `bands`' : ''}`);
  }
  for (const key of foreign) {
    const owners = kindKeys.filter((other) => keysOf(other).includes(key)).map((other) => `\`${other}\``);
    const message = `rule \`${shape.id}\` has \`${kindKey}\`, which takes no \`${key}\`: it goes with ${owners.join(' and ')}`;
    report(problemAtKey(yaml, path, key, invalid(message)));
  }
  return hasPoints && missing.length === 0 && foreign.length === 0;
}

function keysOf(kindKey: KindKey): readonly RuleKey[] {
  return [...ruleKinds[kindKey].needs, ...ruleKinds[kindKey].takes];
}

function reportContradiction({ key, message, hint }: RuleContradiction, { shape, path, yaml, report }: RuleRequest) {
  report(problemAtKey(yaml, path, key, { ...invalid(`rule \`${shape.id}\` ${message}`), hint }));
}

/** Keys that `checkKeys` has seen are there. */
function build(
  shape: RuleShape,
  kindKey: Exclude<KindKey, 'rollup'>,
  { decay, session, ...base }: ReturnType<typeof baseOf> & Pick<EventRule, 'decay' | 'session'>,
): Rule | null {
  const { at, where, within } = shape;
  const by = shape.by === undefined ? undefined : [shape.by].flat();
  const points = readPoints(shape);
  if (kindKey === 'events') {
    const { events, max_per_day: maxPerDay, at_least: atLeast, recover, link } = shape;
    const ofEvents = readBands(shape) ?? points;
    if (events === undefined || at === undefined || ofEvents === null) return null;
    const between = readBetween(shape);
    const count = readCount(shape);
    const counting = { within, between, count, maxPerDay, atLeast, decay, recover, session };
    return { ...base, kind: 'event', events, by, at, where, link, points: ofEvents, ...counting };
  }
  if (points === null) return null;
  switch (kindKey) {
    case 'when':
      return shape.when === undefined ? null : { ...base, kind: 'attribute', when: shape.when, points };
    case 'no_events': {
      if (shape.no_events === undefined || at === undefined || within === undefined) return null;
      const noEvents = [shape.no_events].flat();
      const { repeat, recover } = shape;
      return { ...base, kind: 'absence', noEvents, by, at, where, points, within, repeat, recover };
    }
    case 'value':
      return shape.value === undefined ? null : { ...base, kind: 'numeric', value: shape.value, points };
    default:
      return kindKey satisfies never;
  }
}

function baseOf({ id, label, description, limit, group }: RuleShape, read: Pick<Rule, 'curve' | 'reason'>) {
  return { id, label: label ?? labelFrom(id), description, limit, group, ...read };
}

function readPoints({ points }: RuleShape): Points | null {
  if (points === undefined) return null;
  return typeof points === 'string' ? { sql: points } : points;
}

function readBands({ bands }: RuleShape): Extract<EventRule['points'], { readonly bands: unknown }> | null {
  if (bands === undefined) return null;
  return { bands: bands.map(({ at_least: atLeast, points }) => ({ atLeast, points })) };
}

function readBetween({ between }: RuleShape): EventRule['between'] {
  if (between === undefined) return undefined;
  const [from, to] = between;
  return { from, to };
}

function readCount({ count = 'each' }: RuleShape): EventRule['count'] {
  return typeof count === 'string' ? { kind: count } : { kind: 'distinct', column: count.distinct };
}

function invalid(message: string): ProblemText {
  return { code: 'MODEL_INVALID', message };
}
