import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { compileTests } from '../../src/build/compile-tests.ts';
import { testStatement } from '../../src/build/test-statement.ts';
import type { ScorecardModel } from '../../src/project/model-types.ts';
import { compileScorecard } from '../../src/scoring/compile-scorecard.ts';
import type { CompiledSql } from '../../src/sql/types.ts';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import type { Warehouse } from '../../src/warehouse/port.ts';
import { type RuleFacts, scorecard, scoringContext } from '../support/scoring-context.ts';
import { tenRules } from './ten-rules.ts';

/** Seconds, each the best of several rounds in which the two take turns, so that a busy machine slows both. */
export interface ScoringFigures {
  readonly people: number;
  readonly events: number;
  /** A card without `max_per_day`, the same card with it, and a larger one. */
  readonly cards: readonly CardFigures[];
}

export interface CardFigures {
  readonly card: string;
  /** The best SQL we can write by hand for the same score: rules, score and tier in doubles, no reasons. */
  readonly byHand: number;
  /** The same with reasons in the same words, where we wrote that by hand too. */
  readonly byHandWithReasons: number | null;
  /** The compiled card without its reasons. */
  readonly scores: number;
  /** The compiled card as it is built: reasons, `as_of` and version too. */
  readonly build: number;
  /** Not null and unique, the tests of the primary key. */
  readonly tests: number;
  readonly swap: number;
  /** Of `scores` to `byHand`, and of `build` to `byHandWithReasons`: the same work each. */
  readonly ratio: number;
  readonly ratioWithReasons: number | null;
  /** Of build, tests and swap together to `byHand`. */
  readonly ratioInAll: number;
}

const asOf = '2026-01-31T12:00:00.000Z';
const day = (amount: number) => ({ amount, unit: 'day' }) as const;

function benchCard(facts: { readonly maxPerDay?: number }): ScorecardModel {
  const logins = { kind: 'event', events: "{{ ref('logins') }}", at: 'login_at' } as const;
  const rules: readonly RuleFacts[] = [
    {
      ...logins,
      id: 'web',
      label: 'Logged in by browser',
      where: "device = 'web'",
      within: day(30),
      points: 2,
      limit: 20,
      ...facts,
    },
    { ...logins, id: 'habit', label: 'Habit', decay: { kind: 'half_life', halfLife: day(14) }, points: 1.5, limit: 40 },
    { ...logins, id: 'lately', label: 'Used lately', decay: { kind: 'linear', to: day(60) }, points: 2, limit: 20 },
    {
      ...logins,
      id: 'mobile',
      label: 'Uses the app',
      where: "device = 'ios'",
      within: day(90),
      count: { kind: 'once' },
      points: 10,
    },
    {
      kind: 'absence',
      id: 'silent',
      label: 'Silent 14 days',
      noEvents: ["{{ ref('logins') }}"],
      at: 'login_at',
      within: day(14),
      points: -10,
    },
  ];
  const tiers = [{ name: 'hot', at: 75 }, { name: 'warm', at: 50 }, { name: 'nurture', at: 20 }, { name: 'cold' }];
  return scorecard({ entity: 'lead', range: { min: 0, max: 100 }, round: 0.01, tiers, rules });
}

const age = "date '2026-01-31' - login_at::date as age";
const happened = "login_at <= timestamp '2026-01-31 12:00:00'";

const handwritten = `
with sums as (
  select lead_id,
    least(20, 2 * count(*) filter (where device = 'web' and age < 30)) as web,
    least(40, 1.5e0 * sum(0.5e0 ** (age / 14e0))) as habit,
    least(20, coalesce(2e0 * sum(1e0 - age / 60e0) filter (where age < 60), 0)) as lately,
    case when count(*) filter (where device = 'ios' and age < 90) > 0 then 10 else 0 end as mobile,
    min(age) as age
  from (select lead_id, device, ${age} from logins where ${happened})
  group by lead_id
)`;

const handwrittenWithMaxPerDay = `
with daily as (
  select lead_id, age, count(*) as logins, count(*) filter (where device = 'web') as web, count(*) filter (where device = 'ios') as ios
  from (select lead_id, device, ${age} from logins where ${happened})
  group by lead_id, age
),
sums as (
  select lead_id,
    least(20, coalesce(2 * sum(least(web, 1)) filter (where age < 30), 0)) as web,
    least(40, 1.5e0 * sum(logins * 0.5e0 ** (age / 14e0))) as habit,
    least(20, coalesce(2e0 * sum(logins * (1e0 - age / 60e0)) filter (where age < 60), 0)) as lately,
    case when sum(ios) filter (where age < 90) > 0 then 10 else 0 end as mobile,
    min(age) as age
  from daily
  group by lead_id
)`;

const handwrittenScore = `,
points as (
  select leads.lead_id,
    coalesce(web, 0) as web,
    coalesce(habit, 0) as habit,
    coalesce(lately, 0) as lately,
    coalesce(mobile, 0) as mobile,
    case when age < 14 then 0 else -10 end as silent
  from leads left join sums using (lead_id)
),
scores as (select *, round(greatest(0, least(100, web + habit + lately + mobile + silent)), 2) as score from points)
select lead_id, score,
  case when score >= 75 then 'hot' when score >= 50 then 'warm' when score >= 20 then 'nurture' else 'cold' end as tier,
  web, habit, lately, mobile, silent
from scores`;

/**
 * Times scorecards in DuckDB against SQL written by hand, over made-up logins of 120 days in the order of time.
 * Both write tables into one database file, and must come to the same scores.
 */
export async function measureScoring({
  people = 1_000_000,
  events = 20_000_000,
  rounds = 4,
} = {}): Promise<ScoringFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'scoreline-bench-'));
  const settings = { type: 'duckdb', path: join(folder, 'bench.duckdb'), memoryLimit: '1GB' } as const;
  const warehouse = await openWarehouse(settings, { timeZone: 'UTC' });
  try {
    await warehouse.script([plain(leadsTable(people)), plain(loginsTable(people, events))]);
    const options = { warehouse, rounds };
    const plainCard = await measureCard(
      'five rules',
      benchCard({}),
      { byHand: handwritten + handwrittenScore },
      options,
    );
    const capped = { byHand: handwrittenWithMaxPerDay + handwrittenScore };
    const cappedCard = await measureCard('one with max_per_day', benchCard({ maxPerDay: 1 }), capped, options);
    const grouped = await measureCard('ten rules, four groups', tenRules.card, tenRules, options);
    return { people, events, cards: [plainCard, cappedCard, grouped] };
  } finally {
    await warehouse.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function leadsTable(people: number): string {
  return `create table leads as select lead_id::integer as lead_id from range(${people}) as people(lead_id)`;
}

/** Who logs in is as good as random, and the same in every run. */
function loginsTable(people: number, events: number): string {
  return `create table logins as
    select
      (hash(i) % ${people})::integer as lead_id,
      timestamp '2025-10-03 12:00:00' + to_seconds((i * 120 * 86400) // ${events}) as login_at,
      ['web', 'web', 'ios'][1 + (hash(-i) % 3)::integer] as device
    from range(${events}) as events(i)`;
}

interface MeasureOptions {
  readonly warehouse: Warehouse;
  readonly rounds: number;
}

async function measureCard(
  name: string,
  card: ScorecardModel,
  texts: { readonly byHand: string; readonly byHandWithReasons?: string },
  options: MeasureOptions,
): Promise<CardFigures> {
  const { warehouse, rounds } = options;
  const { context, problems } = scoringContext({ asOf });
  const { select } = compileScorecard(card, context);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  const points = card.rules.map(({ id }) => sql.id(`points__${id}`));
  const statements = {
    byHand: plain(texts.byHand),
    byHandWithReasons: texts.byHandWithReasons === undefined ? null : plain(texts.byHandWithReasons),
    scores: warehouse.dialect.compile(sql`select lead_id, score, tier, ${sql.join(points)} from (${select}) as built`),
    build: warehouse.dialect.compile(select),
  };
  const { tests } = compileTests(card, ['lead_id'], context);
  const staged = { schema: 'main', name: 'lead_score_staged' };
  const tested = warehouse.dialect.relation(staged);
  const test = testStatement({ dialect: warehouse.dialect, tests, key: ['lead_id'], tested, expressions: [] });
  const best = {
    byHand: Number.POSITIVE_INFINITY,
    byHandWithReasons: Number.POSITIVE_INFINITY,
    scores: Number.POSITIVE_INFINITY,
    build: Number.POSITIVE_INFINITY,
    tests: Number.POSITIVE_INFINITY,
    swap: Number.POSITIVE_INFINITY,
  };
  const keepBest = async (step: keyof typeof best, work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await work();
    best[step] = Math.min(best[step], (performance.now() - startedAt) / 1000);
  };
  for (let round = 0; round < rounds; round += 1) {
    await keepBest('byHand', () => warehouse.createTable({ schema: 'main', name: 'by_hand' }, statements.byHand));
    const { byHandWithReasons } = statements;
    if (byHandWithReasons !== null) {
      const table = { schema: 'main', name: 'by_hand_with_reasons' };
      await keepBest('byHandWithReasons', () => warehouse.createTable(table, byHandWithReasons));
    }
    await keepBest('scores', () => warehouse.createTable({ schema: 'main', name: 'scores_alone' }, statements.scores));
    await keepBest('build', () => warehouse.createTable(staged, statements.build));
    await keepBest('tests', () => warehouse.query(test));
    await keepBest('swap', () => warehouse.swap(staged, { schema: 'main', name: 'lead_score' }));
  }
  await checkEqual(warehouse);
  if (statements.byHandWithReasons !== null) await checkSameReasons(warehouse);
  const ratioInAll = (best.build + best.tests + best.swap) / best.byHand;
  const byHandWithReasons = statements.byHandWithReasons === null ? null : best.byHandWithReasons;
  const ratioWithReasons = byHandWithReasons === null ? null : best.build / byHandWithReasons;
  return { card: name, ...best, byHandWithReasons, ratio: best.scores / best.byHand, ratioWithReasons, ratioInAll };
}

async function checkEqual(warehouse: Warehouse): Promise<void> {
  const [row] = await warehouse.query(
    plain(`select count(*) filter (where abs(ours.score - byhand.score) > 0.011 or ours.tier <> byhand.tier and abs(ours.score - byhand.score) = 0) as different, count(*) as rows
      from lead_score as ours full join by_hand as byhand using (lead_id)`),
  );
  if (row?.different !== 0) throw new Error(`${row?.different} of ${row?.rows} scores differ from those by hand`);
}

/** Half a point more or less in the last bit of a double makes another word in a few rows. */
async function checkSameReasons(warehouse: Warehouse): Promise<void> {
  const [row] = await warehouse.query(
    plain(`select count(*) filter (where ours.reasons <> byhand.reasons) as different, count(*) as rows,
  max(case when ours.reasons <> byhand.reasons then ours.reasons || ' | ' || byhand.reasons end) as example
from lead_score as ours join by_hand_with_reasons as byhand using (lead_id)`),
  );
  if (Number(row?.different) > Number(row?.rows) / 200) {
    throw new Error(`${row?.different} of ${row?.rows} reasons differ from those by hand, such as ${row?.example}`);
  }
}

function plain(text: string): CompiledSql {
  return { text, binds: [] };
}
