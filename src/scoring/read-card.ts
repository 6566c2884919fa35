import type { Decay, Group, Points, Rule, ScorecardModel } from '../project/types.ts';
import type {
  AbsentEvents,
  Card,
  CardDecay,
  CardEventRule,
  CardGroup,
  CardRule,
  CardTier,
  Expression,
  Relation,
} from './card.ts';
import { checkCard } from './check-card.ts';
import { entityOf } from './entity-of.ts';
import { numberKinds, SettingReader, type YamlPath } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';

export interface ReadCard {
  readonly card: Card;
  readonly refs: ReadonlySet<string>;
}

/** @returns a card that can be compiled; if problems were reported, one that only lets the search for more go on */
export function readCard(model: ScorecardModel, context: ScoringContext): ReadCard {
  const reader = new SettingReader(model.file, context);
  const entity = entityOf(model, context);
  const projectReader = new SettingReader(context.project.file, context);
  const people = projectReader.relation(['entities', entity.name, 'relation'], entity.relation);
  const card: Card = {
    name: model.name,
    entity: entity.name,
    key: entity.key,
    people,
    base: reader.number(['base'], model.base, numberKinds.decimal) ?? 0,
    range: readRange(model, reader),
    round: model.round,
    groups: [...model.groups.values()].map((group) => readGroup(group, reader)),
    tiers: model.tiers.map((tier, index): CardTier => {
      const at = reader.number(['tiers', index, 'at'], tier.at, numberKinds.decimal);
      return { name: tier.name, at };
    }),
    rules: model.rules.map((rule, index) => readRule(rule, ['rules', index], reader)),
  };
  checkCard(card, reader);
  return { card, refs: new Set([...reader.refs, ...projectReader.refs]) };
}

function readRange({ range }: ScorecardModel, reader: SettingReader): Card['range'] {
  const min = reader.number(['range', 0], range?.min, numberKinds.decimal);
  const max = reader.number(['range', 1], range?.max, numberKinds.decimal);
  return min === undefined || max === undefined ? null : { min, max };
}

function readGroup(group: Group, reader: SettingReader): CardGroup {
  const min = reader.number(['groups', group.name, 'min'], group.min, numberKinds.decimal);
  const max = reader.number(['groups', group.name, 'max'], group.max, numberKinds.decimal);
  return { name: group.name, min, max };
}

function readRule(rule: Rule, path: YamlPath, reader: SettingReader): CardRule {
  const base = {
    id: rule.id,
    label: rule.label,
    points: readPoints(rule.points, [...path, 'points'], reader),
    limit: reader.number([...path, 'limit'], rule.limit, numberKinds.limit),
    group: rule.group,
  };
  switch (rule.kind) {
    case 'event':
      return { ...base, ...readEvents(rule, path, reader) };
    case 'attribute':
      return { ...base, kind: 'attribute', when: reader.expression([...path, 'when'], rule.when) };
    case 'numeric':
      return { ...base, kind: 'numeric', value: reader.expression([...path, 'value'], rule.value) };
    case 'absence': {
      const within = reader.span([...path, 'within'], rule.within) ?? { unit: 'days', length: 1 };
      return { ...base, kind: 'absence', noEvents: readAbsence(rule, path, reader), within };
    }
    default:
      return rule satisfies never;
  }
}

function readPoints(points: Points, path: YamlPath, reader: SettingReader): number | Expression {
  if (typeof points === 'object' && 'sql' in points) return reader.expression(path, points.sql);
  return reader.number(path, points, numberKinds.points) ?? 0;
}

type EventParts = Omit<CardEventRule, 'id' | 'label' | 'points' | 'limit' | 'group'>;

function readEvents(rule: Extract<Rule, { kind: 'event' }>, path: YamlPath, reader: SettingReader): EventParts {
  const { count, decay } = rule;
  return {
    kind: 'event',
    events: reader.relation([...path, 'events'], rule.events),
    at: reader.expression([...path, 'at'], rule.at),
    where: rule.where === undefined ? undefined : reader.expression([...path, 'where'], rule.where),
    within: reader.span([...path, 'within'], rule.within),
    count:
      count.kind === 'distinct'
        ? { kind: 'distinct', value: reader.expression([...path, 'count', 'distinct'], count.column) }
        : count,
    maxPerDay: reader.number([...path, 'max_per_day'], rule.maxPerDay, numberKinds.count),
    decay: decay === undefined ? undefined : readDecay(decay, [...path, 'decay'], reader),
  };
}

function readDecay(decay: Decay, path: YamlPath, reader: SettingReader): CardDecay | undefined {
  switch (decay.kind) {
    case 'half_life': {
      const span = reader.span([...path, 'half_life'], decay.halfLife);
      return span === undefined ? undefined : { kind: 'half_life', span };
    }
    case 'linear': {
      const span = reader.span([...path, 'linear'], decay.to);
      return span === undefined ? undefined : { kind: 'linear', span };
    }
    case 'step': {
      const span = reader.span([...path, 'every'], decay.every);
      const share = reader.number([...path, 'by'], decay.by, numberKinds.share);
      return span === undefined || share === undefined ? undefined : { kind: 'step', span, share };
    }
    default:
      return decay satisfies never;
  }
}

/** A relation that is listed twice, or by two templates, is read once. */
function readAbsence(rule: Extract<Rule, { kind: 'absence' }>, path: YamlPath, reader: SettingReader): AbsentEvents[] {
  const listed = rule.noEvents.map((template, index): Relation => {
    const place = rule.noEvents.length === 1 ? [...path, 'no_events'] : [...path, 'no_events', index];
    return reader.relation(place, template);
  });
  const distinct = new Map(listed.map((events) => [events.identity, events]));
  const at = reader.expression([...path, 'at'], rule.at);
  const where = rule.where === undefined ? undefined : reader.expression([...path, 'where'], rule.where);
  return [...distinct.values()].map((events) => ({ events, at, where }));
}
