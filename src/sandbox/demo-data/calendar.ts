const dayMs = 86_400_000;

/** The days of the simulated history, counted from 0; the last one ends at `asOfMs`. */
export interface Calendar {
  readonly asOfMs: number;
  readonly days: number;
  /** The instant of an hour (0 to 24, with fractions) of a day; whole seconds. */
  instant(day: number, hour: number): number;
  /** Negative before the history begins. */
  dayOf(instantMs: number): number;
  /** 0 is Sunday. */
  weekday(day: number): number;
  isWorkday(day: number): boolean;
}

/** Eighteen months: enough for a backtest at an earlier date with a horizon of 90 days and a year of history before it. */
const historyDays = 546;

export function createCalendar(asOfMs: number): Calendar {
  const startMs = asOfMs - historyDays * dayMs;
  const weekday = (day: number) => new Date(startMs + day * dayMs).getUTCDay();
  const weekdays = Array.from({ length: historyDays }, (_, day) => weekday(day));
  return {
    asOfMs,
    days: historyDays,
    instant: (day, hour) => startMs + day * dayMs + Math.floor(hour * 3600) * 1000,
    dayOf: (instantMs) => Math.floor((instantMs - startMs) / dayMs),
    weekday: (day) => weekdays[day] ?? weekday(day),
    isWorkday: (day) => (weekdays[day] ?? weekday(day)) % 6 !== 0,
  };
}
