import { randomBytes } from 'node:crypto';

/** Sorts by time and names one execution everywhere: state tables, logs, JSON. Example: `20260131T080000-3fa9c1`. */
export function newRunId(now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}
