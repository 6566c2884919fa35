/** What an answer says of the account's quota; search answers say nothing. */
export interface RateHeaders {
  readonly burst?: { readonly max: number; readonly remaining: number; readonly windowMs: number };
  readonly daily?: { readonly limit: number; readonly remaining: number };
}

export function readRateHeaders(headers: Headers): RateHeaders {
  const count = (name: string) => {
    const text = headers.get(`x-hubspot-ratelimit-${name}`);
    return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const max = count('max');
  const remaining = count('remaining');
  const windowMs = count('interval-milliseconds');
  const limit = count('daily');
  const dailyRemaining = count('daily-remaining');
  return {
    burst: max && remaining !== undefined && windowMs ? { max, remaining, windowMs } : undefined,
    daily: limit && dailyRemaining !== undefined ? { limit, remaining: dailyRemaining } : undefined,
  };
}
