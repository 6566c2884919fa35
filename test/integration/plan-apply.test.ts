import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { fakeIo } from '../support/fake-io.ts';
import { writeProject } from '../support/project-files.ts';

let dir: string;
let minutes: number;

/** Rows of `id, email, score, tier` in the file that the project's one source reads. */
function leads(...rows: readonly (readonly [number, number, string])[]) {
  const lines = rows.map(([id, score, tier]) => `${id},p${id}@one.example,${score},${tier}`);
  writeFileSync(join(dir, 'leads.csv'), `${['id,email,score,tier', ...lines].join('\n')}\n`);
}

const ten = (score: number) =>
  Array.from({ length: 10 }, (_, id) => [id, score + id, 'cold'] as const satisfies readonly [number, number, string]);

function sync(guards: string) {
  const text = `object: contacts
model: scores
match: { email: email }
mode: upsert
properties:
  lead_score: { column: score, type: number }
  lead_tier: { column: tier, type: enumeration, options: [hot, cold] }
${guards}`;
  writeFileSync(join(dir, 'syncs/leads.yml'), text);
}

beforeEach(() => {
  minutes = 0;
  dir = writeProject({
    'config/scoreline.yml': `version: 1
project: small
sources: { app: { tables: { leads: {} } } }
targets:
  here:
    warehouse: { type: duckdb, path: s.duckdb }
    hubspot: { sandbox: true }
    sources: { app: { files: { leads: leads.csv } } }`,
    'models/scores.yml': 'sql: sql/scores.sql\nkey: [id]',
    'sql/scores.sql': `select id, email, score, tier from {{ source('app', 'leads') }} where id < 1000`,
    'syncs/leads.yml': '',
  });
  sync('');
  leads(...ten(10));
});

interface TypeOptions {
  readonly terminal?: boolean;
  readonly answer?: string;
}

/** Types a command line; each one a minute later. */
async function type(line: readonly string[], { terminal = false, answer }: TypeOptions = {}) {
  const stdin = new PassThrough();
  if (answer !== undefined) stdin.write(answer);
  const io = fakeIo({ cwd: dir, terminal, stdin, now: new Date(Date.UTC(2026, 5, 30, 12, minutes++)) });
  const exitCode = await runProgram([...line, '--log-level', 'warn'], io);
  const out = io.out();
  return { exitCode, out, err: io.err(), json: out.startsWith('{') ? JSON.parse(out) : null };
}

async function stateRows(sql: string) {
  const path = join(dir, 's.duckdb');
  const warehouse = await openWarehouse({ type: 'duckdb', path, memoryLimit: '512MB' }, { timeZone: 'UTC' });
  const rows = await warehouse.query({ text: sql, binds: [] });
  await warehouse.close();
  return rows;
}

const attempts = () => stateRows('select model_key, outcome from scoreline_state.ledger order by all');

describe('the first sync', () => {
  test('needs --yes where nobody can be asked, and writes nothing without', async () => {
    const first = await type(['run']);
    expect(first.exitCode).toBe(6);
    expect(first.json.error).toMatchObject({
      code: 'GUARD_FIRST_SYNC',
      message: expect.stringMatching(/^leads writes to HubSpot account \d+ .* for the first time/),
      hint: expect.stringContaining('--yes'),
    });
    expect(await attempts()).toEqual([]);
    expect(await type(['run', '--yes'])).toMatchObject({ exitCode: 0, json: { syncs: [{ created: 10 }] } });
    leads(...ten(10), [10, 5, 'cold']);
    expect(await type(['run'])).toMatchObject({ exitCode: 0, json: { syncs: [{ created: 1 }] } });
  });

  test('is asked for on a terminal', async () => {
    const no = await type(['run'], { terminal: true, answer: 'n' });
    expect(no.err.replaceAll(/[│\s]+/g, ' ')).toContain('10 records to create, 2 properties to make. Go on?');
    expect(no).toMatchObject({ exitCode: 6 });
    expect(await attempts()).toEqual([]);
    expect(await type(['run'], { terminal: true, answer: 'y' })).toMatchObject({ exitCode: 0 });
    expect(await attempts()).toHaveLength(10);
  });
});

describe('guards', () => {
  beforeEach(async () => {
    await type(['run', '--yes']);
    leads(...ten(20));
  });

  test('stop a run before the first write, with number, limit, place and example', async () => {
    sync('guards: { max_changed: 90% }');
    const { exitCode, json } = await type(['run', '--yes']);
    expect(exitCode).toBe(6);
    expect(json.error).toMatchObject({
      code: 'GUARD_VIOLATED',
      problems: [
        {
          file: 'syncs/leads.yml',
          line: 8,
          message: '10 rows would be changed (100%), such as 0; max_changed is 90% of 10 rows in the snapshot',
        },
      ],
      details: { violations: [{ sync: 'leads', guard: 'max_changed', rows: 10, of_rows: 10, example: '0' }] },
    });
    expect(await attempts()).toHaveLength(10);
  });

  test('are judged by plan too, which is printed and exits 6', async () => {
    const { exitCode, json } = await type(['plan']);
    expect(exitCode).toBe(6);
    expect(json.plans[0]).toMatchObject({ rows: { updates: 10 }, violations: [{ guard: 'max_changed' }] });
    const dry = await type(['run', '--dry-run']);
    expect(dry.exitCode).toBe(6);
    expect(dry.json.plans[0].digest).toBe(json.plans[0].digest);
    expect(await attempts()).toHaveLength(10);
  });

  test('let one plan through with a reason, which is kept', async () => {
    const { exitCode } = await type(['run', '--override', 'max_changed=new scores']);
    expect(exitCode).toBe(0);
    const [kept] = await stateRows(
      'select violations, overrides from scoreline_state.plans where overrides is not null',
    );
    expect(kept).toMatchObject({ overrides: '{"max_changed":"new scores"}' });
    leads(...ten(30));
    expect(await type(['run'])).toMatchObject({ exitCode: 6 });
  });

  test.each(['max_changed', 'max_changed= ', 'max_chnged=why', '=why'])('take no --override %s', async (written) => {
    expect(await type(['run', '--override', written])).toMatchObject({ exitCode: 2 });
  });

  test('keep an empty model from passing as nothing to do', async () => {
    leads([1001, 5, 'cold']);
    const { exitCode, json } = await type(['run']);
    expect(exitCode).toBe(6);
    expect(json.error.problems[0].message).toBe('the model has 0 rows; min_rows is 1');
  });
});

describe('a saved plan', () => {
  const plan = () => join(dir, 'plan.json');
  const save = () => type(['plan', '--out', 'plan.json']);
  const apply = (...more: readonly string[]) => type(['apply', 'plan.json', '--yes', ...more]);

  test('is applied as it was shown, once', async () => {
    expect((await save()).exitCode).toBe(0);
    const first = await apply();
    expect(first).toMatchObject({ exitCode: 0, json: { syncs: [{ sync: 'leads', created: 10 }] } });
    expect(await apply()).toMatchObject({ exitCode: 0, json: { syncs: [{ planned: 0, created: 0, api_calls: 0 }] } });
    expect(await attempts()).toHaveLength(10);
  });

  test('goes on where --limit stopped it', async () => {
    await save();
    const first = await apply('--limit', '4');
    expect(first).toMatchObject({ exitCode: 9, json: { syncs: [{ created: 4, deferred: 6, sent_before: 0 }] } });
    const rest = await type(['apply', 'plan.json', '--yes'], { terminal: true });
    expect(rest).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('leads: 4 of 10 planned rows had been sent'),
    });
    expect(await attempts()).toHaveLength(10);
    const done = await apply();
    expect(done).toMatchObject({ exitCode: 0, json: { syncs: [{ planned: 0, sent_before: 0 }] } });
  });

  test('asks on a first sync as a run does', async () => {
    await save();
    expect(await type(['apply', 'plan.json'])).toMatchObject({ exitCode: 6 });
  });

  test.each([['build', 'scores'], ['plan'], ['run', '--yes']])('is stale after `%s %s`', async (...line) => {
    await save();
    await type(line.filter(Boolean));
    const { exitCode, json } = await apply();
    expect(exitCode).toBe(10);
    expect(json.error.code).toBe('STATE_STALE_PLAN');
    expect(json.error.message).toMatch(/scores was built again|a later run has compared afresh/);
  });

  test('is refused once somebody edits it, and reformatting is no edit', async () => {
    await save();
    const text = readFileSync(plan(), 'utf8');
    for (const broken of [text.replace('"creates": 10', '"creates": 1'), text.slice(0, -20), '{}', '[]', 'plan']) {
      writeFileSync(plan(), broken);
      expect((await apply()).json.error).toMatchObject({ code: 'STATE_PLAN_FILE' });
    }
    writeFileSync(plan(), JSON.stringify(JSON.parse(text)));
    expect(await apply()).toMatchObject({ exitCode: 0 });
  });

  test('keeps the verdict of its guards, until it is overridden', async () => {
    await type(['run', '--yes']);
    leads(...ten(20));
    expect((await save()).exitCode).toBe(6);
    const stopped = await apply();
    expect(stopped).toMatchObject({ exitCode: 6, json: { error: { code: 'GUARD_VIOLATED' } } });
    expect(await apply('--override', 'max_changed=seen')).toMatchObject({
      exitCode: 0,
      json: { syncs: [{ updated: 10 }] },
    });
  });

  test('is for its own account alone', async () => {
    await save();
    for (const name of readdirSync(dir)) if (name.includes('hubspot')) rmSync(join(dir, name));
    const { exitCode, json } = await apply();
    expect(exitCode).toBe(10);
    expect(json.error).toMatchObject({
      code: 'DESTINATION_PORTAL',
      message: expect.stringMatching(/^The plan was made for HubSpot account \d+, and the token belongs to \d+$/),
    });
  });

  test('that is not there, or meant for another target, is a wrong command line', async () => {
    expect(await apply()).toMatchObject({ exitCode: 2 });
    await save();
    expect(await apply('--target', 'there')).toMatchObject({ exitCode: 2 });
    expect(await apply('--as-of', '2026-01-01')).toMatchObject({ exitCode: 2 });
  });
});

test('a plan for a pull request is Markdown that data cannot break', async () => {
  leads([1, 5, 'cold']);
  const { out, exitCode } = await type(['plan', '--output', 'markdown']);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^\*\*Scoreline plan\*\* for HubSpot account \d+ \(\S+, \S+\)/);
  expect(out).toContain('| create | 1 |');
  expect(out).toContain('- new property `lead_score` (number)');
  expect(await type(['check', '--output', 'markdown'])).toMatchObject({ exitCode: 2 });
});

test('a plan hides what the model calls personal', async () => {
  writeFileSync(
    join(dir, 'models/scores.yml'),
    'sql: sql/scores.sql\nkey: [id]\ncolumns: [{ name: score, pii: true }]',
  );
  const { out, json } = await type(['plan']);
  expect(json.plans[0].sample[0].values[0]).toEqual({ property: 'lead_score', from: null, to: '(hidden)' });
  expect(out).not.toContain('"19"');
});
