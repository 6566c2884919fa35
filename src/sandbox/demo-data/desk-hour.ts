import type { Region } from './demo-company.ts';
import type { Random } from './random.ts';

/** Hours to add to a local hour for UTC. */
const utcOffsetHours: Readonly<Record<Region, number>> = {
  north_america: 6,
  europe: -1,
  asia_pacific: -8,
  latin_america: 4,
};

/** When a person in this region sits at a desk, as an hour of the UTC day; it may reach into the neighbouring days. */
export function deskHour(region: Region, random: Random): number {
  return random.between(8, 18) + utcOffsetHours[region];
}
