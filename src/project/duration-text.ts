import type { Duration } from './setting-types.ts';

const units = {
  minute: { letter: 'm', seconds: 60 },
  hour: { letter: 'h', seconds: 3600 },
  day: { letter: 'd', seconds: 86_400 },
  week: { letter: 'w', seconds: 604_800 },
} as const satisfies Record<Duration['unit'], { readonly letter: string; readonly seconds: number }>;

/** As one writes it in a file: `24h`. */
export function durationText({ amount, unit }: Duration): string {
  return `${amount}${units[unit].letter}`;
}

/** How long it lasts by the clock: a day has 24 hours, whatever the calendar makes of it. */
export function secondsIn({ amount, unit }: Duration): number {
  return amount * units[unit].seconds;
}
