/** Where an account's day begins and ends: the daily limit is counted by it. */
export class AccountDay {
  readonly #format: Intl.DateTimeFormat;
  #slot = Number.NaN;
  #day = '';

  /** @param timeZone IANA name. @throws RangeError for an unknown one */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  }

  /** @returns the date of an instant in the account's zone, as yyyy-mm-dd */
  dayOf(atMs: number): string {
    // Every zone's midnight falls on a quarter of an hour, so the zone is looked up once in that time.
    const slot = Math.floor(atMs / quarterHourMs);
    if (slot !== this.#slot) {
      this.#slot = slot;
      this.#day = this.#format.format(atMs);
    }
    return this.#day;
  }

  /** @returns when the day of the instant ends */
  endOfDay(atMs: number): number {
    const day = this.#format.format(atMs);
    let next = (Math.floor(atMs / quarterHourMs) + 1) * quarterHourMs;
    while (this.#format.format(next) === day) next += quarterHourMs;
    return next;
  }
}

const quarterHourMs = 15 * 60_000;
