import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { snowflakeDialect } from '../../../src/sql/dialects/snowflake.ts';
import { nameFromSnowflake, snowflakeName } from '../../../src/sql/dialects/snowflake-names.ts';

describe('names in Snowflake', () => {
  it('are upper case where a project has them in lower case, so that quotes make no difference', () => {
    const { text } = snowflakeDialect.compile(
      sql`select ${sql.id('lead_id')}, ${sql.ref('l.points__x1')} from ${snowflakeDialect.relation({ database: 'raw', schema: 'app', name: 'leads' })} l`,
    );
    expect(text).toBe('select "LEAD_ID", "L"."POINTS__X1" from "RAW"."APP"."LEADS" l');
  });

  it('are the same in upper case, as Snowflake shows them', () => {
    expect(snowflakeName('ANALYTICS')).toBe('ANALYTICS');
  });

  it.each(['analytics-prod', 'Mixed', 'leadId', 'ключ', 'a b', '1st', 'a"b', ''])('stay as they are: %j', (name) => {
    expect(snowflakeName(name)).toBe(name);
    expect(nameFromSnowflake(name)).toBe(name);
  });

  it('come back as they went in, unless they are upper case alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZ_9$ "é') }), (name) => {
        fc.pre(name.toUpperCase() !== name || name.toLowerCase() === name);
        expect(nameFromSnowflake(snowflakeName(name))).toBe(name);
      }),
    );
  });

  it('and texts keep quotes and backslashes', () => {
    expect(snowflakeDialect.compile(sql`select ${sql.lit("a'b\\c")} as ${sql.id('a"B')}`).text).toBe(
      `select 'a''b\\\\c' as "a""B"`,
    );
  });
});
