import { sql } from 'kysely';
import type { Person } from './find-person.ts';
import { textOf, textOrNull } from './row-values.ts';
import { nullableText, runScript, type State, stateTable } from './state.ts';

/** Columns of `plans` that hold examples: JSON with keys of rows in it. */
const exampleColumns = ['summary', 'null_rows', 'violations'] as const;

/** Takes rows out of what plans printed: their samples, rejections and examples. @returns plans that named one of them */
export async function scrubPlans(state: State, keys: Person['keys'], signal?: AbortSignal): Promise<number> {
  if (keys.length === 0) return 0;
  const { warehouse } = state;
  const plans = stateTable(state, 'plans');
  const syncs = [...new Set(keys.map(({ sync }) => sync))];
  const columns = sql.join(exampleColumns.map((name) => sql.id(name)));
  const chunks = warehouse.stream(
    warehouse.dialect.compile(
      sql`select plan_id, sync, ${columns} from ${plans} where sync in ${warehouse.dialect.inList(syncs)}`,
    ),
    { signal, purpose: 'look for plans that name a person to forget' },
  );
  const statements = [];
  for await (const rows of chunks) {
    for (const row of rows) {
      const ofSync = keys.filter(({ sync }) => sync === textOf(row, 'sync')).map(({ modelKey }) => modelKey);
      const before = exampleColumns.map((name) => textOrNull(row, name));
      const after = before.map((json) => (json === null ? null : scrubJson(json, ofSync)));
      if (after.every((json, index) => json === before[index])) continue;
      const settings = exampleColumns.map(
        (name, index) => sql`${sql.id(name)} = ${nullableText(state, after[index] ?? null)}`,
      );
      statements.push(sql`update ${plans} set ${sql.join(settings)} where plan_id = ${textOf(row, 'plan_id')}`);
    }
  }
  if (statements.length > 0) await runScript(state, 'scrub plans that name a person to forget', signal, statements);
  return statements.length;
}

/** Entries about one of the keys go; messages and examples lose it. */
export function scrubJson(json: string, keys: readonly string[]): string {
  const words = keys.map(
    (key) => new RegExp(`(?<![\\w-])${key.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g'),
  );
  const scrub = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') return scrubText(value, name);
    if (Array.isArray(value)) return value.filter((item) => !isAbout(item)).map((item) => scrub(item, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([member, of]) => [member, scrub(of, member)]));
  };
  const scrubText = (text: string, name: string) => {
    if (name === 'message') return words.reduce((rest, word) => rest.replace(word, '(forgotten)'), text);
    if (name === 'example') return keys.includes(text) ? null : text;
    // `null_rows`: a number and a key.
    const counted = /^(\d+ )(.*)$/s.exec(text);
    return counted !== null && keys.includes(counted[2] ?? '') ? counted[1] : text;
  };
  const isAbout = (item: unknown) =>
    typeof item === 'object' && item !== null && 'key' in item && keys.includes(String(item.key));
  return JSON.stringify(scrub(JSON.parse(json), ''));
}
