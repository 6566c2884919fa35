import { errorReply, type Reply } from '../api/reply.ts';
import type { SandboxSettings } from '../settings.ts';
import { AccountDay } from './account-day.ts';
import { RollingWindow } from './rolling-window.ts';

export type Admission =
  | { readonly admitted: true; readonly headers: Readonly<Record<string, string>> }
  | { readonly admitted: false; readonly refusal: Reply };

export type RateLimitPolicy = 'burst' | 'daily' | 'search';

/** Rules 21 and 22: a rolling 10 s for each token, a rolling second for searches and a day for the account. */
export class RateLimits {
  readonly #day: AccountDay;
  readonly #burst = new Map<string, RollingWindow>();
  readonly #lastSecond = new Map<string, RollingWindow>();
  readonly #search = new RollingWindow(1_000);
  #today = '';
  #callsToday = 0;

  constructor(timeZone: string) {
    this.#day = new AccountDay(timeZone);
  }

  /** Counts a request, if it is let through. */
  admit(token: string, isSearch: boolean, nowMs: number, { limits, switches }: SandboxSettings): Admission {
    const day = this.#day.dayOf(nowMs);
    if (day !== this.#today) {
      this.#today = day;
      this.#callsToday = 0;
    }
    const window = isSearch ? this.#search : windowOf(this.#burst, token, 10_000);
    const max = isSearch ? limits.searchPerSecond : limits.burstPer10s;
    const isDaySpent = limits.perDay !== null && this.#callsToday >= limits.perDay;
    const isFull = max !== null && window.count(nowMs) >= max;
    if (isDaySpent || isFull) {
      if (switches.refusedRequestsCount && max !== null) window.add(nowMs);
      const policy = isDaySpent ? 'daily' : isSearch ? 'search' : 'burst';
      const headers = isSearch ? this.#dailyHeaders(limits) : this.#headers(token, nowMs, limits);
      return { admitted: false, refusal: rateLimitReply(policy, switches.retryAfterSeconds, headers) };
    }
    this.#callsToday += 1;
    if (max !== null) window.add(nowMs);
    if (!isSearch) windowOf(this.#lastSecond, token, 1_000).add(nowMs);
    // Replies to searches carry no rate headers.
    return { admitted: true, headers: isSearch ? {} : this.#headers(token, nowMs, limits) };
  }

  callsToday(nowMs: number): number {
    return this.#day.dayOf(nowMs) === this.#today ? this.#callsToday : 0;
  }

  resetsAt(nowMs: number): number {
    return this.#day.endOfDay(nowMs);
  }

  #headers(token: string, nowMs: number, limits: SandboxSettings['limits']): Readonly<Record<string, string>> {
    const daily = this.#dailyHeaders(limits);
    if (limits.burstPer10s === null) return daily;
    const perSecond = Math.ceil(limits.burstPer10s / 10);
    const used = windowOf(this.#burst, token, 10_000).count(nowMs);
    const usedInSecond = windowOf(this.#lastSecond, token, 1_000).count(nowMs);
    return {
      ...daily,
      'X-HubSpot-RateLimit-Interval-Milliseconds': '10000',
      'X-HubSpot-RateLimit-Max': String(limits.burstPer10s),
      'X-HubSpot-RateLimit-Remaining': String(Math.max(0, limits.burstPer10s - used)),
      'X-HubSpot-RateLimit-Secondly': String(perSecond),
      'X-HubSpot-RateLimit-Secondly-Remaining': String(Math.max(0, perSecond - usedInSecond)),
    };
  }

  #dailyHeaders({ perDay }: SandboxSettings['limits']): Readonly<Record<string, string>> {
    if (perDay === null) return {};
    return {
      'X-HubSpot-RateLimit-Daily': String(perDay),
      'X-HubSpot-RateLimit-Daily-Remaining': String(Math.max(0, perDay - this.#callsToday)),
    };
  }
}

/** The 429 of each policy; that of search names none. */
export function rateLimitReply(
  policy: RateLimitPolicy,
  retryAfterSeconds: number | null,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const all = { ...headers, ...(retryAfterSeconds !== null && { 'Retry-After': String(retryAfterSeconds) }) };
  switch (policy) {
    case 'search':
      return errorReply(429, { message: 'You have reached your secondly limit.', category: 'RATE_LIMITS' }, all);
    case 'daily':
      return errorReply(
        429,
        { message: 'You have reached your daily limit.', errorType: 'RATE_LIMIT', policyName: 'DAILY' },
        all,
      );
    case 'burst':
      return errorReply(
        429,
        {
          message: 'You have reached your ten_secondly_rolling limit.',
          errorType: 'RATE_LIMIT',
          policyName: 'TEN_SECONDLY_ROLLING',
        },
        all,
      );
    default: {
      const never: never = policy;
      throw new TypeError(`unknown policy ${String(never)}`);
    }
  }
}

function windowOf(windows: Map<string, RollingWindow>, token: string, windowMs: number): RollingWindow {
  const window = windows.get(token) ?? new RollingWindow(windowMs);
  windows.set(token, window);
  return window;
}
