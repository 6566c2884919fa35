import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFiles } from '../../../src/sql/dialects/duckdb-files.ts';
import { DuckDbSession } from './duckdb-session.ts';

let session: DuckDbSession;
let folder: string;
beforeAll(async () => {
  session = await DuckDbSession.open();
  folder = await mkdtemp(join(tmpdir(), "scoreline 'files' "));
});
afterAll(async () => {
  session.close();
  await rm(folder, { recursive: true });
});

async function read(path: string): Promise<readonly (readonly unknown[])[]> {
  const relation = readFiles(join(folder, path));
  if (relation === null) throw new Error(`${path} has no reader`);
  return session.rows(sql`select id, name from ${relation} order by id`);
}

const rows = [
  ['1', 'Zoë'],
  ['2', null],
];
const csv = 'id,name\n1,Zoë\n2,\n';
const jsonLines = '{"id": 1, "name": "Zoë"}\n{"id": 2, "name": null}\n';

describe('readFiles', () => {
  it('reads every kind of file as it is, compressed too, from a folder with quotes in its name', async () => {
    const files: Readonly<Record<string, string | Uint8Array>> = {
      'people.csv': csv,
      'people.CSV': csv,
      'zipped.csv.gz': gzipSync(csv),
      'zipped.csv.zst': zstdCompressSync(csv),
      'people.tsv': csv.replaceAll(',', '\t'),
      'people.jsonl': jsonLines,
      'people.ndjson': jsonLines,
      'people.json': `[${jsonLines.trim().replace('\n', ',')}]`,
      'zipped.json.gz': gzipSync(jsonLines),
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
      expect({ name, rows: await read(name) }).toEqual({ name, rows });
    }
  });

  it('reads Parquet files of a glob by the names of their columns', async () => {
    const target = (name: string) => sql.lit(join(folder, name));
    await session.rows(
      sql`copy (select 1::bigint as id, 'Zoë' as name) to ${target('part-1.parquet')} (format parquet)`,
    );
    await session.rows(
      sql`copy (select null::varchar as name, 2::bigint as id) to ${target('part-2.parquet')} (format parquet)`,
    );
    expect(await read('part-*.parquet')).toEqual(rows);
  });

  it('reads CSV files of a glob by the names of their columns', async () => {
    await writeFile(join(folder, 'day-1.csv'), 'id,name\n1,Zoë\n');
    await writeFile(join(folder, 'day-2.csv'), 'name,id\n,2\n');
    expect(await read('day-*.csv')).toEqual(rows);
  });

  it('takes the first line of a CSV file as names, where all columns are text too', async () => {
    await writeFile(join(folder, 'texts.csv'), 'id,name\na,b\n');
    expect(await read('texts.csv')).toEqual([['a', 'b']]);
  });

  it('finds the type of a column from all rows', async () => {
    const numbers = Array.from({ length: 30_000 }, (_, index) => `${index},x`).join('\n');
    await writeFile(join(folder, 'late.csv'), `id,name\n${numbers}\nunknown,y\n`);
    const relation = readFiles(join(folder, 'late.csv'));
    expect(await session.rows(sql`select name from ${relation} where id = 'unknown'`)).toEqual([['y']]);
  });

  it('has no reader for other files', () => {
    expect(['people.xlsx', 'people', 'people.gz', 'csv', 'data/*', 'people.csv.bz2'].map(readFiles)).toEqual(
      Array(6).fill(null),
    );
  });
});
