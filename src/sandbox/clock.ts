/** Where the sandbox takes the time from: rate-limit windows, midnights, timestamps and search lag all follow it. */
export interface Clock {
  /** Milliseconds since 1970 in UTC. Must not run backwards. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
