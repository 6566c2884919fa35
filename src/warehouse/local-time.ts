const dayMs = 86_400_000;

/** Milliseconds since 1970 of a wall clock's reading, as if it were UTC, to those of the instant. */
export type LocalTimeReader = (localMs: number) => number;

/**
 * Reads wall clock times in a time zone, as warehouses do: a time that a change of clocks skipped counts with the offset
 * before it, a repeated one means its second occurrence. Offsets are looked up once per day, so that millions of values
 * cost little.
 * @param timeZone an IANA name; RangeError if it is unknown
 */
export function localTimeReader(timeZone: string): LocalTimeReader {
  const offsetAt = offsetReader(timeZone);
  const offsetOfDay = new Map<number, number | 'changes'>();

  return (localMs) => {
    const day = Math.floor(localMs / dayMs);
    let offset = offsetOfDay.get(day);
    if (offset === undefined) {
      // No zone is further than 15 hours from UTC, so two days around the local one hold every instant of it.
      const before = offsetAt((day - 1) * dayMs);
      offset = before === offsetAt((day + 2) * dayMs) ? before : 'changes';
      offsetOfDay.set(day, offset);
    }
    if (offset !== 'changes') return localMs - offset;
    const before = offsetAt(localMs - dayMs);
    const after = offsetAt(localMs + dayMs);
    const instant = localMs - after;
    return offsetAt(instant) === after ? instant : localMs - before;
  };
}

/** The zone's distance from UTC at an instant, in milliseconds, positive east of Greenwich. */
function offsetReader(timeZone: string): (instantMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (instantMs) => {
    const name = format.formatToParts(instantMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
    const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name);
    if (match === null) throw new RangeError(`The time zone ${timeZone} has an offset that cannot be read: ${name}`);
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
    const size = Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000;
    return sign === '-' ? -size : size;
  };
}
