import { parseRelation } from '../project/relation-name.ts';
import type { Card } from './card.ts';
import { dayCounts } from './event-sums.ts';
import { fingerprint } from './fingerprint.ts';
import { instantOf } from './kept-days.ts';
import { type EventScan, planScans, scanReach } from './plan-scans.ts';
import type { ScoringContext } from './types.ts';

/** A table with the sums of days of one relation of events, for one card. */
export interface DayTable {
  readonly scan: EventScan;
  /** One row per `entity_key` and `day`. */
  readonly columns: readonly string[];
  /** Of everything that the rows depend on beside the events: rows of another version are of no use. */
  readonly version: string;
}

/** The tables of a card with `incremental`, one for each relation of events and time that its rules go by. */
export function dayTables(card: Card, context: ScoringContext): readonly DayTable[] {
  return planScans(card).map((scan) => {
    const { events } = scan;
    const named = parseRelation(events.meaning.sql);
    const counted = scan.rules.map(({ rule, where }) => [rule.id, where?.meaning ?? null]);
    const columns = ['entity_key', 'day', ...dayCounts(scan).keys()];
    const version = fingerprint({
      key: events.key ?? card.key,
      events: events.meaning,
      // What a model is called says nothing of what is in it.
      model: named.kind === 'ref' ? context.modelVersions.get(named.model) : undefined,
      loadedAt: events.loadedAt,
      at: instantOf(scan).at.meaning,
      counted: Object.fromEntries(counted),
      columns,
      reach: scanReach(scan),
      timezone: context.project.timezone,
    });
    return { scan, columns, version };
  });
}
