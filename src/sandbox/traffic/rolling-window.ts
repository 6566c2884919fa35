/** Counts events of the last `windowMs`: an event at t counts until t + windowMs, exclusively. */
export class RollingWindow {
  readonly #windowMs: number;
  /** Ascending; those before `#first` are over. */
  #times: number[] = [];
  #first = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(atMs: number): void {
    this.#times.push(atMs);
  }

  count(nowMs: number): number {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? 0) <= nowMs - this.#windowMs)
      this.#first += 1;
    if (this.#first > 1_000 && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first;
  }
}
