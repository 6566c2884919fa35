import { sql } from 'kysely';
import type { Fragment } from '../sql/types.ts';
import type { CardSession } from './card.ts';
import { ageColumn, atColumn, sessionConditions } from './event-columns.ts';
import { name, numberLiteral } from './literals.ts';
import type { EventScan, ScanRule } from './plan-scans.ts';
import { allOf, column, onlyWhen, upToHere } from './select-text.ts';

/*
 * Sessions are made of the events that fit a rule, by marks on the events themselves, so that all that follows treats the
 * first event of a session as any other event: a gap marks where a session starts (starts__), a running sum of those marks
 * numbers the sessions (session__), and opens__ is true for the first event of each session that counts.
 */

/** Ages in seconds are doubles: what is missing to a limit by less than half a microsecond is not missing. */
const noiseSeconds = 0.0000005;

/** 1 for an event before which nothing happened for the gap; null where sessions have names. */
export function startColumn(scanRule: ScanRule, scan: EventScan): Fragment | null {
  const gap = gapOf(sessionOf(scanRule));
  if (gap === null) return null;
  const age = ageColumn(scanRule.instant, gap.unit);
  const over = sql`over (partition by ${sql.join(among(scanRule, scan))} order by ${atColumn(scanRule.instant)})`;
  const pause = sql`lag(${age}) ${over} - ${age}`;
  const atLeast = gap.unit === 'days' ? gap.length : gap.length - noiseSeconds;
  const goesOn = sql`case when ${pause} < ${numberLiteral(atLeast)} then 0 else 1 end`;
  return column(goesOn, `starts__${scanRule.rule.id}`);
}

/** The number of the event's session among those of the entity; null where sessions have names. */
export function sessionColumn(scanRule: ScanRule, scan: EventScan): Fragment | null {
  if (gapOf(sessionOf(scanRule)) === null) return null;
  const { id } = scanRule.rule;
  const starts = name(`starts__${id}`);
  // Of events at the same moment, the one that starts the session comes first.
  const order = sql`order by ${atColumn(scanRule.instant)}, ${starts} desc ${upToHere}`;
  return column(sql`sum(${starts}) over (partition by ${sql.join(among(scanRule, scan))} ${order})`, `session__${id}`);
}

/** Whether the event is the first one of a session that counts. */
export function opensColumn(scanRule: ScanRule, scan: EventScan): Fragment {
  const session = sessionOf(scanRule);
  const { id } = scanRule.rule;
  const of = gapOf(session) === null ? name(`visit__${id}`) : name(`session__${id}`);
  const parts = sql`partition by ${sql.join([...among(scanRule, scan), of])}`;
  const isFirst = sql`row_number() over (${parts} order by ${atColumn(scanRule.instant)}) = 1`;
  const seconds = ageColumn(scanRule.instant, 'seconds');
  const { least } = session;
  const lasts = sql`max(${seconds}) over (${parts}) - min(${seconds}) over (${parts})`;
  const isEnough =
    least === undefined
      ? []
      : least.measure === 'pages'
        ? [sql`count(*) over (${parts}) >= ${numberLiteral(least.atLeast)}`]
        : [sql`${lasts} >= ${numberLiteral(least.atLeast * 60 - noiseSeconds)}`];
  const opens = allOf([...sessionConditions(scanRule, scan), isFirst, ...isEnough]);
  return column(opens ?? isFirst, `opens__${id}`);
}

function sessionOf({ rule }: ScanRule): CardSession {
  if (rule.kind !== 'event' || rule.session === undefined) throw new TypeError(`The rule ${rule.id} has no sessions`);
  return rule.session;
}

function gapOf({ by }: CardSession) {
  return by.kind === 'gap' ? by.gap : null;
}

/** An entity's events, those that sessions are made of apart from the others. */
function among(scanRule: ScanRule, scan: EventScan): readonly Fragment[] {
  const fits = allOf(sessionConditions(scanRule, scan));
  return fits === null ? [name('entity_key')] : [name('entity_key'), onlyWhen(fits, sql`1`)];
}
