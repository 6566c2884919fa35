import type { Clock } from '../clock.ts';

export interface DailyPoolOptions {
  readonly clock: Clock;
  /** Share of the pool that is left to other integrations, 0 to 1. */
  readonly reserveRatio: number;
}

/** Where the account's time zone is not known, a spent pool is asked again after this. */
const unknownResetMs = 3_600_000;

/**
 * The calls that all private apps of the account share until its midnight. Closed when what remains is the reserve, or
 * when HubSpot says that nothing does; open again at midnight.
 */
export class DailyPool {
  readonly #clock: Clock;
  readonly #reserveRatio: number;
  #timeZone: string | undefined;
  #last: { readonly limit: number; readonly remaining: number } | undefined;
  #closedUntil: Date | undefined;

  constructor({ clock, reserveRatio }: DailyPoolOptions) {
    this.#clock = clock;
    this.#reserveRatio = reserveRatio;
  }

  /** As the last answer said; absent until one did. */
  get last(): { readonly limit: number; readonly remaining: number } | undefined {
    return this.#last;
  }

  /** A name that this machine does not know is as good as none. */
  setTimeZone(timeZone: string): void {
    this.#timeZone = isTimeZone(timeZone) ? timeZone : undefined;
  }

  /** @param inFlight requests that HubSpot may not have counted yet */
  learn(limit: number, remaining: number, inFlight: number): void {
    this.#last = { limit, remaining };
    if (remaining - inFlight <= limit * this.#reserveRatio) this.close();
  }

  close(): void {
    this.#closedUntil ??= this.#nextReset();
  }

  /** @returns when the pool opens again, or undefined where it is open */
  closedUntil(): Date | undefined {
    if (this.#closedUntil !== undefined && this.#closedUntil <= this.#clock.now()) this.#closedUntil = undefined;
    return this.#closedUntil;
  }

  #nextReset(): Date {
    const now = this.#clock.now();
    if (this.#timeZone === undefined) return new Date(now.getTime() + unknownResetMs);
    return nextMidnight(now, this.#timeZone);
  }
}

/** The first instant of the next day in the time zone, by its clock at `now` (a change to summer time may move it an hour). */
function nextMidnight(now: Date, timeZone: string): Date {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hour12: false,
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  const sinceMidnightS =
    ((parts.get('hour') ?? 0) % 24) * 3600 + (parts.get('minute') ?? 0) * 60 + (parts.get('second') ?? 0);
  return new Date(Math.floor(now.getTime() / 1000) * 1000 + (86_400 - sinceMidnightS) * 1000);
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en-GB', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
