import { describe, expect, test } from 'vitest';
import { grantsFor } from '../../../src/warehouse/grants.ts';

const request = {
  role: null,
  schemas: ['scoreline', 'scoreline_state'],
  tables: [
    { schema: 'raw', name: 'users' },
    { schema: 'raw', name: 'Odd "name' },
  ],
};

function statements(...parameters: Parameters<typeof grantsFor>): readonly string[] {
  return (grantsFor(...parameters)?.statements ?? []).filter((line) => !line.startsWith('--'));
}

describe('grants', () => {
  test('of PostgreSQL are for the user of the address', () => {
    const settings = { type: 'postgres', url: 'postgres://sco%20re:hidden@db/app' } as const;
    expect(statements({ ...request, settings })).toEqual([
      'grant connect, temporary on database "app" to "sco re";',
      'create schema if not exists "scoreline";',
      'alter schema "scoreline" owner to "sco re";',
      'create schema if not exists "scoreline_state";',
      'alter schema "scoreline_state" owner to "sco re";',
      'grant usage on schema "raw" to "sco re";',
      'grant select on "raw"."users" to "sco re";',
      'grant select on "raw"."Odd ""name" to "sco re";',
    ]);
    expect(JSON.stringify(grantsFor({ ...request, settings }))).not.toContain('hidden');
  });

  const bigquery = { type: 'bigquery', project: 'acme', location: 'EU' } as const;

  test('of BigQuery are for whole datasets where a name stands for many tables', () => {
    const tables = [
      { schema: 'raw', name: 'users' },
      { database: 'other', schema: 'ga4', name: 'events_*' },
    ];
    const role = 'serviceAccount:me@acme.iam.gserviceaccount.com';
    expect(statements({ ...request, tables, role, settings: bigquery })).toEqual([
      'create schema if not exists `acme.scoreline` options (location = "EU");',
      `grant \`roles/bigquery.dataEditor\` on schema \`acme.scoreline\` to "${role}";`,
      'create schema if not exists `acme.scoreline_state` options (location = "EU");',
      `grant \`roles/bigquery.dataEditor\` on schema \`acme.scoreline_state\` to "${role}";`,
      `grant \`roles/bigquery.dataViewer\` on schema \`other.ga4\` to "${role}";`,
      `grant \`roles/bigquery.dataViewer\` on table \`acme.raw.users\` to "${role}";`,
    ]);
  });

  test('of BigQuery need somebody to give them to', () => {
    expect(() => grantsFor({ ...request, settings: bigquery })).toThrow('the target names none');
    const settings = { ...bigquery, impersonate: 'me@acme.iam.gserviceaccount.com' };
    expect(grantsFor({ ...request, settings })?.role).toBe('serviceAccount:me@acme.iam.gserviceaccount.com');
  });

  test('of Snowflake have names as Snowflake has them', () => {
    const settings = {
      type: 'snowflake',
      account: 'a',
      username: 'me',
      credential: { kind: 'password', password: 'hidden' },
      warehouse: 'wh',
      database: 'analytics',
    } as const;
    expect(statements({ ...request, settings })).toEqual([
      'create role if not exists "SCORELINE";',
      'grant role "SCORELINE" to user "ME";',
      'grant usage on warehouse "WH" to role "SCORELINE";',
      'grant usage on database "ANALYTICS" to role "SCORELINE";',
      'create schema if not exists "ANALYTICS"."SCORELINE";',
      'grant ownership on schema "ANALYTICS"."SCORELINE" to role "SCORELINE" copy current grants;',
      'create schema if not exists "ANALYTICS"."SCORELINE_STATE";',
      'grant ownership on schema "ANALYTICS"."SCORELINE_STATE" to role "SCORELINE" copy current grants;',
      'grant usage on schema "ANALYTICS"."RAW" to role "SCORELINE";',
      'grant select on table "ANALYTICS"."RAW"."USERS" to role "SCORELINE"; -- or: on view',
      'grant select on table "ANALYTICS"."RAW"."Odd ""name" to role "SCORELINE"; -- or: on view',
    ]);
    expect(JSON.stringify(grantsFor({ ...request, settings }))).not.toContain('hidden');
  });

  test('of DuckDB are none', () => {
    const settings = { type: 'duckdb', path: '/x.duckdb', memoryLimit: '1GB' } as const;
    expect(grantsFor({ ...request, settings })).toBeNull();
  });
});
