import type { ScorecardModel } from '../project/model-types.ts';
import { tokenizeSql } from '../sql/syntax/tokenize-sql.ts';
import { type Card, type CardAbsenceRule, type CardEventRule, type CardRule, sqlPointsOf } from './card.ts';
import { ownerKey } from './memberships.ts';
import type { SettingReader, YamlPath } from './setting-reader.ts';
import { type Span, spanText } from './span.ts';

/*
 * Sums of days stand for events as long as the events of a day are alike to a rule, and stay what they are. What a rule
 * has that breaks this is reported, with the way out.
 */

/** Reports everything of a card with `incremental` that sums of days cannot hold. @param card as its rules were read */
export function checkIncremental(card: Card, model: ScorecardModel, reader: SettingReader): void {
  for (const [index, rule] of card.rules.entries()) {
    const obstacles = obstaclesOf(rule);
    for (const obstacle of obstacles) refuse(rule.id, obstacle, ['rules', index, obstacle.key], reader);
    for (const variant of rule.variants ?? []) {
      const segment = model.segments.findIndex(({ name }) => name === variant.segment);
      for (const obstacle of obstaclesOf(variant.rule)) {
        // What the segment did not change was reported with the rule.
        if (obstacles.some(({ key, value }) => key === obstacle.key && value === obstacle.value)) continue;
        refuse(rule.id, obstacle, ['segments', segment, obstacle.key, rule.id], reader);
      }
    }
  }
}

interface Obstacle {
  /** As the file calls the part. */
  readonly key: string;
  readonly value: string;
  readonly why: string;
  readonly instead: string;
}

function refuse(id: string, { value, why, instead }: Obstacle, path: YamlPath, reader: SettingReader): void {
  const message = `rule \`${id}\` cannot be kept in sums of days, since ${why}: expected ${instead}, or a card without \`incremental\``;
  reader.report(path, value, message);
}

function obstaclesOf(rule: CardRule): readonly Obstacle[] {
  switch (rule.kind) {
    case 'event':
      return [...inCommon(rule), ...ofEvents(rule)];
    case 'absence':
      return inCommon(rule);
    // These read no events.
    case 'attribute':
    case 'numeric':
    case 'rollup':
      return [];
    default:
      return rule satisfies never;
  }
}

function inCommon(rule: CardEventRule | CardAbsenceRule): readonly Obstacle[] {
  const isOfEvents = rule.kind === 'event';
  const reads = isOfEvents ? [rule] : rule.noEvents;
  const found: Obstacle[] = [];
  const raised = reads.find(({ events }) => events.key === ownerKey);
  if (raised !== undefined) {
    found.push({
      key: isOfEvents ? 'events' : 'no_events',
      value: raised.events.word,
      why: 'its events are those of another entity, or of an alias, and whose they are may change after they were summed up',
      instead: "events with the entity's own key",
    });
  }
  // `at` and `where` are the same text over each relation.
  for (const key of ['at', 'where'] as const) {
    const expression = reads[0]?.[key];
    if (expression === undefined) continue;
    const value = expression.meaning.sql;
    const instead = "SQL over the event's own row";
    if (expression.readsAsOf) {
      found.push({ key, value, why: `\`${key}\` reads \`as_of\`, so that it changes with every build`, instead });
    } else if (hasSelect(value)) {
      found.push({ key, value, why: `\`${key}\` reads other rows, which may change later`, instead });
    }
  }
  if (rule.recover !== undefined) {
    const why = 'which event came first, the penalty or what ends it, is a matter of hours and minutes';
    found.push({ key: 'recover', value: rule.recover.events.word, why, instead: 'a penalty without `recover`' });
  }
  if (isOfEvents && rule.from !== undefined) {
    const hours = [rule.from, rule.within].flatMap((span) => (span === undefined ? [] : inHours('between', span)));
    return [...found, ...hours.slice(0, 1)];
  }
  return [...found, ...(rule.within === undefined ? [] : inHours('within', rule.within))];
}

function hasSelect(text: string): boolean {
  return tokenizeSql(text).some((token) => token.kind === 'word' && token.text.toLowerCase() === 'select');
}

function ofEvents(rule: CardEventRule): readonly Obstacle[] {
  const { count, session, decay } = rule;
  const points = sqlPointsOf(rule);
  const found: Obstacle[] = decay === undefined ? [] : [...inHours('decay', decay.span)];
  if (count.kind === 'distinct') {
    const value = count.value.meaning.sql;
    const why = 'the sums of two days do not say which values they share';
    found.push({ key: 'count', value, why, instead: '`count: each` or `count: once`' });
  }
  if (session !== undefined) {
    const why = 'a session may go on from one day to the next';
    found.push({ key: 'session', value: 'session', why, instead: 'a rule on events' });
  }
  // Those of events that are raised to another entity may be weights, of which the file says nothing.
  if (points !== null && rule.events.key !== ownerKey) {
    const value = points.meaning.sql;
    const why = 'with points in SQL it matters which events a day has, not only how many';
    found.push({ key: 'points', value, why, instead: 'a number, or a rule for each number of points' });
  }
  return found;
}

function inHours(key: string, span: Span): readonly Obstacle[] {
  if (span.unit === 'days') return [];
  const text = spanText(span);
  const why = `\`${key}\` says ${text}, and the sum of a day does not say when in the day`;
  return [{ key, value: text, why, instead: 'days or weeks' }];
}
