import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import { dailyCountColumn } from './daily-sums.ts';
import { dateLiteral, name, numberLiteral, textLiteral } from './literals.ts';
import { type EventScan, scanReads } from './plan-scans.ts';
import { column, linesOf, type Step } from './select-text.ts';
import type { ScoringContext } from './types.ts';

/*
 * Where builds keep the sums of days, a score is made of those: the number of an entity is the sum of a checksum over its
 * days with how many events each rule counts of them, or will when they are older. An event that is loaded late changes the
 * number of its day.
 */

/** Where the rows of days are, once they are up to date. */
export interface DayInputs {
  /** Of the scan with that word, behind FROM. */
  tableOf(word: string): Fragment;
  /** Whether the build before did not keep days, so that what it wrote down was made of events. */
  readonly keptByEvents: boolean;
}

export interface DayInputsRequest {
  readonly table: Fragment;
  readonly now: ScoringContext;
  /** Null: nothing to compare with in days. */
  readonly before: ScoringContext | null;
}

/** A part of `compileInputs` from the days of a scan. */
export function dayInputs(scan: EventScan, { table, now, before }: DayInputsRequest): Step {
  const { dialect } = now;
  const reads = [...scanReads(scan)].sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1));
  const counted = ({ asOf }: ScoringContext, suffix: string) => {
    const age = dialect.daysBetween(name('day'), dateLiteral(asOf.day));
    return reads.map((read, index) => {
      const inWindow = read.windows.map(({ length }) => sql`${age} < ${numberLiteral(length)}`);
      const counts = sql.join([sql`${age} >= 0`, ...inWindow], sql.raw(' and '));
      const { as } = dailyCountColumn(read, scan);
      return column(sql`case when ${counts} then ${name(as)} else 0 end`, `counted_${index}_${suffix}`);
    });
  };
  // What days count is the same all day long, and engines work out the same sum once.
  const isNextDay = before !== null && before.asOf.day !== now.asOf.day;
  const ofBefore = isNextDay ? counted(before, 'before') : [];
  const isNews =
    before === null
      ? sql`0`
      : sql`max(case when day > ${dateLiteral(before.asOf.day)} and ${total(reads.length, 'now')} > 0 then 1 else 0 end)`;
  return {
    name: `${scan.word}_days`,
    comment: `One row per entity: the days of ${scan.word} that count now, and those that counted at the build before.`,
    select: {
      columns: [
        column(sql`cast(entity_key as ${dialect.type({ kind: 'text' })})`, 'entity_key'),
        column(checksums(scan, reads.length, 'now', dialect), 'inputs'),
        column(
          before === null ? sql`0` : checksums(scan, reads.length, isNextDay ? 'before' : 'now', dialect),
          'inputs_before',
        ),
        column(isNews, 'has_news'),
      ],
      from: sql`(select entity_key, day, ${sql.join([...counted(now, 'now'), ...ofBefore])} from ${table}) as days`,
      groupBy: [name('entity_key')],
    },
  };
}

function checksums({ word }: EventScan, rules: number, suffix: string, dialect: Dialect): Fragment {
  const checksum = dialect.checksum([textLiteral(word, dialect), name('day'), ...countedColumns(rules, suffix)]);
  return sql`coalesce(sum(case when ${total(rules, suffix)} > 0 then ${checksum} else 0 end), 0)`;
}

function total(rules: number, suffix: string): Fragment {
  return linesOf(countedColumns(rules, suffix), '+');
}

function countedColumns(rules: number, suffix: string): readonly Fragment[] {
  return Array.from({ length: rules }, (_, index) => name(`counted_${index}_${suffix}`));
}
