import type { Clock } from '../clock.ts';
import { DailyPool } from './daily-pool.ts';
import type { RateHeaders } from './rate-headers.ts';
import { RollingWindow, type Slot } from './rolling-window.ts';

/** Search has its own, much smaller window, and does not count in the other one. */
export type Pool = 'general' | 'search';

export interface AccountQuotaOptions {
  readonly clock: Clock;
  /** A ceiling of our own below HubSpot's; absent: HubSpot's. */
  readonly burstPer10s?: number;
  readonly dailyReserveRatio: number;
  readonly onBurstLearnt?: (burstPer10s: number) => void;
}

export type Admission =
  | { readonly kind: 'permit'; readonly permit: Permit }
  /** The day's calls are used up, but for the reserve. */
  | { readonly kind: 'closed'; readonly retryAt: Date };

/** Leave to send one request; tell it how that went. */
export interface Permit {
  answered(headers: RateHeaders): void;
  /** No answer came. */
  broken(): void;
  /** HubSpot refused the request over a limit; `retryAfterMs` where it said so. */
  refused(limit: 'rate' | 'daily', retryAfterMs?: number): void;
}

/** The smallest of HubSpot's plans: what every account takes until its answers say more. */
const smallestBurst = 100;
const burstWindowMs = 10_000;
/** Per account, on every plan. Checked 2026-11-22. */
const searchesPerSecond = 5;
/** After a refusal nobody sends for this long: refused requests may count as well. */
const refusedPauseMs = 1000;
/** Whatever HubSpot says: a call that is told to wait longer than it may is postponed by itself. */
const longestPauseMs = 60_000;

/** All limits of one HubSpot account. There is one per connection, whatever number of syncs use it. */
export class AccountQuota {
  readonly #windows: Readonly<Record<Pool, RollingWindow>>;
  readonly #daily: DailyPool;
  readonly #ownCeiling: number;
  readonly #onBurstLearnt: ((burstPer10s: number) => void) | undefined;
  #burst: number;
  #inFlight = 0;

  constructor({ clock, burstPer10s, dailyReserveRatio, onBurstLearnt }: AccountQuotaOptions) {
    this.#ownCeiling = burstPer10s ?? Number.POSITIVE_INFINITY;
    this.#burst = burstPer10s ?? smallestBurst;
    this.#onBurstLearnt = onBurstLearnt;
    this.#daily = new DailyPool({ clock, reserveRatio: dailyReserveRatio });
    this.#windows = {
      general: new RollingWindow({ clock, limit: this.#burst, windowMs: burstWindowMs }),
      search: new RollingWindow({ clock, limit: searchesPerSecond, windowMs: 1000 }),
    };
  }

  /** Requests in 10 s, as configured or learnt. */
  get burstPer10s(): number {
    return this.#burst;
  }

  get daily(): DailyPool {
    return this.#daily;
  }

  /** Waits for leave to send one request. Rejects with the signal's reason. */
  async admit(pool: Pool, signal?: AbortSignal): Promise<Admission> {
    const closed = this.#closed();
    if (closed !== undefined) return closed;
    const slot = await this.#windows[pool].take(signal);
    // The last calls of the day may have gone out meanwhile.
    return this.#closed() ?? { kind: 'permit', permit: this.#permit(pool, slot) };
  }

  #closed(): Extract<Admission, { kind: 'closed' }> | undefined {
    const retryAt = this.#daily.closedUntil();
    return retryAt && { kind: 'closed', retryAt };
  }

  #permit(pool: Pool, slot: Slot): Permit {
    const window = this.#windows[pool];
    this.#inFlight += 1;
    const leave = () => {
      this.#inFlight -= 1;
      window.answered(slot);
    };
    return {
      broken: leave,
      answered: ({ burst, daily }) => {
        leave();
        if (daily !== undefined) this.#daily.learn(daily.limit, daily.remaining, this.#inFlight);
        if (burst === undefined || pool === 'search') return;
        this.#learnBurst(burst.max, burst.windowMs);
        window.observe(slot, burst.max, burst.remaining);
      },
      refused: (limit, retryAfterMs) => {
        if (limit === 'daily') this.#daily.close();
        else window.refused(Math.min(retryAfterMs ?? refusedPauseMs, longestPauseMs));
      },
    };
  }

  #learnBurst(max: number, windowMs: number): void {
    const burst = Math.min(max, this.#ownCeiling);
    this.#windows.general.learn(burst, windowMs);
    if (burst === this.#burst) return;
    this.#burst = burst;
    this.#onBurstLearnt?.(burst);
  }
}
