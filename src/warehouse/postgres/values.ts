import type { LocalTimeReader } from '../local-time.ts';
import type { Value } from '../port.ts';
import { instantText, integerFrom } from '../value-text.ts';

/** Types as PostgreSQL numbers them, the same in every database (`pg_type.dat`). */
const oids = {
  boolean: [16],
  integer: [21, 23, 20, 26],
  double: [700, 701],
  numeric: [1700],
  date: [1082],
  timestamp: [1114],
  timestamptz: [1184],
} as const;

type Reader = (text: string, local: LocalTimeReader) => Value;

const readers: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  ...oids.boolean.map((oid) => [oid, (text: string) => text === 't'] as const),
  ...oids.integer.map((oid) => [oid, integerFrom] as const),
  ...oids.double.map((oid) => [oid, Number] as const),
  ...oids.numeric.map((oid) => [oid, numericFrom] as const),
  // As `DateStyle` ISO has it; infinities, and years before Christ, as PostgreSQL writes them.
  ...oids.date.map((oid) => [oid, (text: string) => text] as const),
  ...oids.timestamp.map((oid) => [oid, (text: string, local: LocalTimeReader) => instantFrom(text, local)] as const),
  ...oids.timestamptz.map((oid) => [oid, (text: string) => instantFrom(text, null)] as const),
]);

/** Array types → those of their items; of the types above, and of texts. */
const itemOids: ReadonlyMap<number, number> = new Map([
  [1000, 16],
  [1005, 21],
  [1007, 23],
  [1016, 20],
  [1028, 26],
  [1021, 700],
  [1022, 701],
  [1231, 1700],
  [1182, 1082],
  [1115, 1114],
  [1185, 1184],
  [1009, 25],
  [1015, 1043],
  [1014, 1042],
  [1003, 19],
]);

/** What reads the texts that the server sends for a type; what has no reader stays its text. */
export function valueReader(oid: number, local: LocalTimeReader): (text: string | null) => Value {
  const item = itemOids.get(oid);
  const read = readers.get(item ?? oid) ?? ((text: string) => text);
  if (item === undefined) return (text) => (text === null ? null : read(text, local));
  return (text) => (text === null ? null : listFrom(text, (each) => read(each, local)));
}

/** `{1,NULL,"with, comma",{…}}`, perhaps with its bounds in front: `[0:1]={…}`. */
function listFrom(text: string, read: (text: string) => Value): Value {
  const tokens = text.replace(/^[^{]*=/, '').matchAll(/[{},]|"((?:[^"\\]|\\[\s\S])*)"|[^{},"]+/g);
  const open: Value[][] = [[]];
  for (const [token, quoted] of tokens) {
    if (token === '{') open.push([]);
    else if (token === '}') {
      const done = open.pop() ?? [];
      open.at(-1)?.push(done);
    } else if (quoted !== undefined) open.at(-1)?.push(read(quoted.replaceAll(/\\([\s\S])/g, '$1')));
    else if (token !== ',') open.at(-1)?.push(token === 'NULL' ? null : read(token));
  }
  return open[0]?.[0] ?? null;
}

/** Decimals keep all their digits; what is no decimal is a number, as everywhere. */
function numericFrom(text: string): Value {
  if (text === 'NaN') return Number.NaN;
  if (text === 'Infinity') return Number.POSITIVE_INFINITY;
  return text === '-Infinity' ? Number.NEGATIVE_INFINITY : text;
}

const instantPattern =
  /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?$/;

/** `2026-01-31 09:30:00.12+01`, as `DateStyle` ISO has it; without a zone where `local` reads the wall clock. */
function instantFrom(text: string, local: LocalTimeReader | null): string {
  const match = instantPattern.exec(text);
  if (match === null) return text;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour, zoneMinute, zoneSecond] = match;
  const micros = fraction.padEnd(6, '0');
  const wall = new Date(0);
  // `Date.UTC` takes years below 100 for those of the last century.
  wall.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  wall.setUTCHours(Number(hour), Number(minute), Number(second), Number(micros.slice(0, 3)));
  const offsetMs = (Number(zoneHour ?? 0) * 3600 + Number(zoneMinute ?? 0) * 60 + Number(zoneSecond ?? 0)) * 1000;
  const ms = local === null ? wall.getTime() - (sign === '-' ? -offsetMs : offsetMs) : local(wall.getTime());
  if (Number.isNaN(ms)) return text;
  return instantText(ms, Number(micros.slice(3)));
}
