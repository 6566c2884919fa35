import type { Clock } from '../clock.ts';

/** One request that counts in the window. */
export interface Slot {
  readonly sentAtMs: number;
  /** The latest instant, by our clock, at which the server can have counted the request. */
  countedByMs: number;
}

export interface RollingWindowOptions {
  readonly clock: Clock;
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * The server counts a request when it arrives, somewhere between our sending it and its answer. A request whose answer
 * takes longer than this is taken to have been counted by then: only the way there matters, not the work. Waiting for the
 * answer alone would give up a third of the rate where a batch takes 5 s; this gives up at most 4 % of a 10 s window.
 */
const longestWayMs = 400;
/** For clocks that run apart and timers that fire early. */
const marginMs = 20;
/** Share of the limit by which a refusal over the limit slows us down; half of it is forgotten in each window. */
const penaltyRatio = 0.05;
/** Left free where others send too: what they will send next is not known yet, and neither they nor we want refusals. */
const courtesyRatio = 0.1;
/** Weight of one answer in the estimate of others: single ones are off by what is under way. */
const smoothing = 0.1;
/** However busy others are: enough to notice when they stop. */
const leastShareRatio = 0.05;

/**
 * Lets requests through so that no window of the server, wherever it starts, holds more than its limit.
 *
 * A request enters by `take`, is settled by `answered` (or never: then it counts as long as it possibly can), and leaves
 * a full window after the server can have counted it last. Others who use the same account show in the server's count of
 * what remains (`observe`) and in refusals (`refused`); both narrow our own share for about a window.
 */
export class RollingWindow {
  readonly #clock: Clock;
  /** In the order of sending; kept one window longer than they count, to tell our requests from those of others. */
  #slots: Slot[] = [];
  #limit: number;
  #windowMs: number;
  /** How much of the window others use, as of which of our requests, and when it was last certain that they do. */
  readonly #others = { count: 0, asOfMs: Number.NEGATIVE_INFINITY, seenAtMs: Number.NEGATIVE_INFINITY };
  #penalty = { count: 0, sinceMs: 0 };
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  /** Requests pass in the order they came. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor({ clock, limit, windowMs }: RollingWindowOptions) {
    this.#clock = clock;
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Waits until one more request fits; it counts from now on, so send it at once. Rejects with the signal's reason. */
  take(signal?: AbortSignal): Promise<Slot> {
    const turn = this.#queue.then(() => this.#enter(signal));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  answered(slot: Slot): void {
    slot.countedByMs = Math.min(slot.countedByMs, this.#clock.monotonicMs());
  }

  /** Sets the server's limit, which our share never exceeds. */
  learn(limit: number, windowMs: number): void {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /**
   * Takes from an answer what others use: what is gone of `max` and not ours. That others send at all is believed only
   * where all that can possibly be ours does not explain it, so that we never slow down for ourselves.
   * @param max of the server's whole window, which may be more than our own limit
   */
  observe(slot: Slot, max: number, remaining: number): void {
    const nowMs = this.#clock.monotonicMs();
    const isOutdated = slot.sentAtMs < this.#others.asOfMs || nowMs - slot.sentAtMs > this.#windowMs;
    if (isOutdated) return;
    const free = Math.max(0, max - this.#limit);
    const windowStartMs = slot.sentAtMs - this.#windowMs;
    const possible = this.#slots.filter((other) => other.countedByMs > windowStartMs).length;
    const likely = this.#slots.filter(
      (other) => other.sentAtMs > windowStartMs && other.sentAtMs <= slot.sentAtMs,
    ).length;
    const used = max - remaining - free;
    const isNews = used > possible && nowMs - this.#others.seenAtMs > this.#windowMs;
    if (used > possible) this.#others.seenAtMs = nowMs;
    this.#others.count += (Math.max(0, used - likely) - this.#others.count) * (isNews ? 1 : smoothing);
    this.#others.asOfMs = slot.sentAtMs;
  }

  /** The server refused a request over its limit: everybody waits, and then goes on a little slower. */
  refused(waitMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#penalty = { count: this.#currentPenalty(nowMs) + this.#limit * penaltyRatio, sinceMs: nowMs };
    this.#others.seenAtMs = nowMs;
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + waitMs);
  }

  async #enter(signal?: AbortSignal): Promise<Slot> {
    for (;;) {
      signal?.throwIfAborted();
      const nowMs = this.#clock.monotonicMs();
      const waitMs = this.#waitMs(nowMs);
      if (waitMs <= 0) {
        const slot: Slot = { sentAtMs: nowMs, countedByMs: nowMs + longestWayMs };
        this.#slots.push(slot);
        return slot;
      }
      await this.#clock.sleep(waitMs, signal);
    }
  }

  #waitMs(nowMs: number): number {
    if (this.#pausedUntilMs > nowMs) return this.#pausedUntilMs - nowMs;
    const leavesAtMs = (slot: Slot) => slot.countedByMs + this.#windowMs + marginMs;
    this.#slots = this.#slots.filter((slot) => leavesAtMs(slot) + this.#windowMs > nowMs);
    const leaving = this.#slots.map(leavesAtMs).filter((atMs) => atMs > nowMs);
    const excess = leaving.length + 1 - this.#share(nowMs);
    if (excess <= 0) return 0;
    return (leaving.sort((a, b) => a - b)[excess - 1] ?? nowMs) - nowMs;
  }

  /** How many of our requests the window takes now. */
  #share(nowMs: number): number {
    const others = nowMs - this.#others.seenAtMs < this.#windowMs ? this.#others.count : 0;
    const courtesy = others > 0 ? this.#limit * courtesyRatio : 0;
    const share = Math.floor(this.#limit - others - courtesy - this.#currentPenalty(nowMs));
    return Math.max(1, Math.ceil(this.#limit * leastShareRatio), share);
  }

  #currentPenalty(nowMs: number): number {
    return this.#penalty.count * 0.5 ** ((nowMs - this.#penalty.sinceMs) / this.#windowMs);
  }
}
