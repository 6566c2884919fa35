import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import { ageColumn } from './event-columns.ts';
import { name } from './literals.ts';
import type { EventScan, ScanRecovery } from './plan-scans.ts';
import { column, type Step } from './select-text.ts';
import { recoveryColumn } from './silence.ts';

/** One row per entity with an event that ends the rule's penalty: `entity_key`, and the age of the newest one. */
export function recoveryStep(
  { rule, where, instant, unit }: ScanRecovery,
  events: string,
  stepName: (wanted: string) => string,
): Step {
  const age = ageColumn(instant, unit);
  const ends = where === undefined ? [] : [name(`ends__${rule.id}`)];
  return {
    name: stepName(`${rule.id}_recoveries`),
    comment: `One row per entity that came back: how old the newest event is that ends ${rule.id}.`,
    select: {
      columns: [name('entity_key'), sql`min(${age}) as ${recoveryColumn(rule.id)}`],
      from: name(events),
      where: [...ends, sql`${age} is not null`],
      groupBy: [name('entity_key')],
    },
  };
}

/**
 * Marks the events of a scan that a recovery followed; null where none of its rules can recover.
 * @param recoveries the recovery steps by the rule's id
 */
export function recoveredStep(
  scan: EventScan,
  events: string,
  { recoveries, stepName }: { readonly recoveries: ReadonlyMap<string, string>; stepName(wanted: string): string },
): Step | null {
  const columns: Fragment[] = [];
  const joins: Fragment[] = [];
  for (const { rule, instant } of scan.rules) {
    const step = rule.kind === 'event' ? recoveries.get(rule.id) : undefined;
    if (step === undefined) continue;
    const follows = sql`${recoveryColumn(rule.id)} < ${ageColumn(instant, 'seconds')}`;
    columns.push(column(sql`coalesce(${follows}, false)`, `recovered__${rule.id}`));
    joins.push(sql`left join ${name(step)} on ${name(step)}.entity_key = ${name(events)}.entity_key`);
  }
  if (columns.length === 0) return null;
  return {
    name: stepName(`${scan.word}_recovered`),
    comment: 'Marks the events of which a later one ended the penalty.',
    select: { columns: [sql`${name(events)}.*`, ...columns], from: name(events), joins },
  };
}
