import type { Group, ScorecardModel } from '../project/model-types.ts';
import type { EventRule, Rule } from '../project/rule-types.ts';
import type { AbsentEvents, Card, CardBand, CardCurve, CardEventRule, CardGroup, CardRule, Relation } from './card.ts';
import { byOf, CardReader, weightedPoints } from './card-reader.ts';
import { checkBands, checkCard } from './check-card.ts';
import { checkIncremental } from './check-incremental.ts';
import { checkRule } from './check-rule.ts';
import { entityOf } from './entity-of.ts';
import { readCardRollup } from './read-card-rollup.ts';
import { readCardSession } from './read-card-session.ts';
import { readDecay } from './read-decay.ts';
import { readIncremental } from './read-incremental.ts';
import { readPoints } from './read-points.ts';
import { readRecovery } from './read-recovery.ts';
import { readScoredCard } from './read-scored-card.ts';
import { withVariants } from './read-variants.ts';
import { withWords } from './reason-words.ts';
import { numberKinds, type SettingReader, type YamlPath } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';
import type { WeightCheck } from './weight-check.ts';

export interface ReadCard {
  readonly card: Card;
  readonly refs: ReadonlySet<string>;
  readonly weights: readonly WeightCheck[];
}

/** @returns a card that can be compiled; if problems were reported, one that only lets the search for more go on */
export function readCard(model: ScorecardModel, context: ScoringContext): ReadCard {
  const entity = entityOf(model, context);
  const { file, aliases, incremental } = model;
  const reader = new CardReader({ file, entity, aliases, incremental, context });
  const base = reader.number(['base'], model.base, numberKinds.decimal) ?? 0;
  const scored = readScoredCard(model, { reader, ofProject: reader.ofProject, context });
  const rules = model.rules.map((rule, index) => {
    const read = readRule(rule, ['rules', index], reader);
    checkRule(read, ['rules', index], reader);
    return read;
  });
  const reasons = { ...context.project.reasons, ...model.reasons };
  const card: Card = {
    ...scored,
    base,
    groups: [...model.groups.values()].map((group) => readGroup(group, reader)),
    maxReasonsLength: reasons.maxLength,
    rules: withVariants(rules, model.segments, reader).map((rule, index) => {
      const written = model.rules[index];
      return written === undefined ? rule : withWords(rule, written, reasons);
    }),
    ...(incremental !== undefined && { incremental: readIncremental(incremental, reader) }),
  };
  checkCard(card, reader);
  if (incremental !== undefined) checkIncremental(card, model, reader);
  const refs = new Set([...reader.refs, ...reader.ofProject.refs]);
  return { card, refs, weights: [...reader.weights.values()] };
}

function readGroup(group: Group, reader: SettingReader): CardGroup {
  const min = reader.number(['groups', group.name, 'min'], group.min, numberKinds.decimal);
  const max = reader.number(['groups', group.name, 'max'], group.max, numberKinds.decimal);
  return { name: group.name, min, max };
}

function readRule(rule: Rule, path: YamlPath, reader: CardReader): CardRule {
  const base = {
    id: rule.id,
    label: rule.label,
    curve: readCurve(rule, [...path, 'curve'], reader),
    limit: reader.number([...path, 'limit'], rule.limit, numberKinds.limit),
    group: rule.group,
  };
  if (rule.kind === 'event') return { ...base, ...readEvents(rule, path, reader) };
  const ofEntity = { ...base, points: readPoints(rule.points, [...path, 'points'], reader) };
  switch (rule.kind) {
    case 'attribute':
      return { ...ofEntity, kind: 'attribute', when: reader.expression([...path, 'when'], rule.when) };
    case 'numeric':
      return { ...ofEntity, kind: 'numeric', value: reader.expression([...path, 'value'], rule.value) };
    case 'absence': {
      const within = reader.span([...path, 'within'], rule.within) ?? { unit: 'days', length: 1 };
      const repeat = reader.span([...path, 'repeat'], rule.repeat);
      const recover = readRecovery(rule, path, reader);
      return { ...ofEntity, kind: 'absence', noEvents: readAbsence(rule, path, reader), within, repeat, recover };
    }
    case 'rollup':
      return { ...ofEntity, ...readCardRollup(rule, path, reader) };
    default:
      return rule satisfies never;
  }
}

/** `at_least` is one band, and so is a number of sessions. */
function readEventPoints(
  { points, atLeast, session }: EventRule,
  path: YamlPath,
  reader: SettingReader,
): CardEventRule['points'] {
  if (typeof points === 'object' && 'bands' in points) {
    const bands = points.bands.map((band, index): CardBand => {
      const place = [...path, 'bands', index];
      return {
        atLeast: reader.number([...place, 'at_least'], band.atLeast, numberKinds.count) ?? 1,
        points: reader.number([...place, 'points'], band.points, numberKinds.points) ?? 0,
      };
    });
    checkBands(bands, path, reader);
    return { bands: bands.toSorted((a, b) => b.atLeast - a.atLeast) };
  }
  const each = readPoints(points, [...path, 'points'], reader);
  const isOfSessions = session?.least?.measure === 'count';
  const fewest = isOfSessions
    ? reader.number([...path, 'session', 'at_least'], session.least?.atLeast, numberKinds.count)
    : reader.number([...path, 'at_least'], atLeast, numberKinds.count);
  return fewest === undefined || typeof each !== 'number' ? each : { bands: [{ atLeast: fewest, points: each }] };
}

type EventParts = Omit<CardEventRule, 'id' | 'label' | 'limit' | 'group'>;

function readEvents(rule: EventRule, path: YamlPath, reader: CardReader): EventParts {
  const { count, decay } = rule;
  const events = reader.events([...path, 'events'], rule.events, byOf(rule, path));
  const points = readEventPoints(rule, path, reader);
  const recover = readRecovery(rule, path, reader);
  return {
    kind: 'event',
    events,
    at: reader.expression([...path, 'at'], rule.at),
    where: rule.where === undefined ? undefined : reader.expression([...path, 'where'], rule.where),
    points: weightedPoints(points, events),
    ...readAges(rule, path, reader),
    count:
      count.kind === 'distinct'
        ? { kind: 'distinct', value: reader.expression([...path, 'count', 'distinct'], count.column) }
        : count,
    maxPerDay: reader.number([...path, 'max_per_day'], rule.maxPerDay, numberKinds.count),
    decay: decay === undefined ? undefined : readDecay(decay, [...path, 'decay'], reader),
    recover,
    session: readCardSession(rule.session, [...path, 'session'], reader),
    link: rule.link === undefined ? undefined : reader.expression([...path, 'link'], rule.link),
  };
}

function readCurve({ curve }: Rule, path: YamlPath, reader: SettingReader): CardCurve | undefined {
  if (curve === undefined) return undefined;
  if (curve.kind === 'log') {
    const factor = reader.number([...path, 'log'], curve.factor, numberKinds.limit);
    return factor === undefined ? undefined : { kind: 'log', factor };
  }
  const at = reader.number([...path, 'half_at'], curve.at, numberKinds.limit);
  return at === undefined ? undefined : { kind: 'half_at', at };
}

function readAges(
  { within, between }: EventRule,
  path: YamlPath,
  reader: SettingReader,
): Pick<CardEventRule, 'within' | 'from'> {
  if (between === undefined) return { within: reader.span([...path, 'within'], within) };
  const from = reader.span([...path, 'between', 0], between.from);
  const to = reader.span([...path, 'between', 1], between.to);
  return { within: to, from };
}

/** A relation that is listed twice, or by two templates, is read once. */
function readAbsence(rule: Extract<Rule, { kind: 'absence' }>, path: YamlPath, reader: CardReader): AbsentEvents[] {
  const listed = rule.noEvents.map((template, index): Relation => {
    const place = rule.noEvents.length === 1 ? [...path, 'no_events'] : [...path, 'no_events', index];
    return reader.events(place, template, byOf(rule, path));
  });
  const distinct = new Map(listed.map((events) => [events.identity, events]));
  const at = reader.expression([...path, 'at'], rule.at);
  const where = rule.where === undefined ? undefined : reader.expression([...path, 'where'], rule.where);
  return [...distinct.values()].map((events) => ({ events, at, where }));
}
