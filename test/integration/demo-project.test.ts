import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAsOf, generateDemoData } from '../../src/sandbox/demo-data/generate-demo-data.ts';
import { type BuiltProject, buildProject } from '../support/build-project.ts';
import { emptyFolder } from '../support/project-files.ts';

const root = join(import.meta.dirname, '../..');
const folders = ['config', 'models', 'sql', 'syncs'];
const tiers = ['hot', 'warm', 'nurture', 'cold'];

let dir: string;
let dataDir: string;
let demo: BuiltProject;
/** A quarter earlier, so that what happened next is known. */
let earlier: BuiltProject;

beforeAll(async () => {
  dir = emptyFolder();
  for (const folder of folders) cpSync(join(root, folder), join(dir, folder), { recursive: true });
  dataDir = join(dir, '.scoreline', 'data');
  await generateDemoData({ dir: dataDir });
  demo = await buildProject(dir, demoAsOf.slice(0, 10));
  earlier = await buildProject(dir, '2026-03-31');
  // Seconds on an idle machine; the limit is for one that is busy.
}, 180_000);

afterAll(async () => {
  await demo?.warehouse.close();
  await earlier?.warehouse.close();
});

async function numbers(project: BuiltProject, sql: string): Promise<Readonly<Record<string, number>>> {
  const [row = {}] = await project.query(sql);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

/** By tier: the share of leads, neither customers nor in talks, who took part in a deal opened in the 90 days after. */
async function dealRates(project: BuiltProject, day: string): Promise<ReadonlyMap<string, number>> {
  const rows = await project.query(`
    with outcomes as (
      select score.lead_id, score.tier, max(deals.lead_id is not null) as converted
      from scoreline.lead_score as score
      join scoreline.leads using (lead_id)
      left join scoreline.lead_deals as deals
        on deals.lead_id = score.lead_id
        and deals.opened_at >= timestamptz '${day} 00:00:00+00'
        and deals.opened_at < timestamptz '${day} 00:00:00+00' + interval 90 day
      where not is_customer and not has_open_deal
      group by all
    )
    select tier, avg(converted::int) as rate from outcomes group by tier`);
  return new Map(rows.map(({ tier, rate }) => [String(tier), Number(rate)]));
}

describe('the demo', () => {
  it('builds every model with its tests passing', () => {
    expect(demo.rows.get('accounts')).toBe(400);
    expect(demo.rows.get('lead_score')).toBe(demo.rows.get('leads'));
    expect(demo.rows.get('lead_fit')).toBe(demo.rows.get('leads'));
    expect(demo.rows.get('lead_engagement')).toBe(demo.rows.get('leads'));
    expect(demo.rows.get('lead_grade')).toBe(demo.rows.get('leads'));
    expect(demo.rows.get('account_usage')).toBe(400);
    expect(demo.rows.get('account_interest')).toBe(400);
  });

  it('merges duplicates and leaves out our own staff', async () => {
    const found = await numbers(
      demo,
      `select (select count(*) from scoreline.stg_people) - count(*) as gone,
              count(*) filter (email_domain = 'harbourline.example') as staff,
              count(*) filter (email <> lower(trim(email))) as unclean,
              count(*) - count(distinct coalesce(email, lead_id)) as twice
       from scoreline.leads`,
    );
    expect(found).toMatchObject({ staff: 0, unclean: 0, twice: 0 });
    // 160 duplicates and 30 of our own
    expect(found.gone).toBe(190);
  });

  it('links people to accounts by their address where the CRM does not', async () => {
    const { by_domain: byDomain } = await numbers(
      demo,
      `select count(*) as by_domain from scoreline.leads
       join scoreline.stg_people on person_id = leads.lead_id
       where stg_people.account_id is null and leads.account_id is not null`,
    );
    expect(byDomain).toBeGreaterThan(150);
  });

  it('keeps machines out of the page views', async () => {
    const { busiest = 0, fastest = 0 } = await numbers(
      demo,
      `with sessions as (
         select count(*) as views, (epoch(max(occurred_at)) - epoch(min(occurred_at))) / count(*) as pace
         from scoreline.stg_page_views group by session_id
       )
       select max(views) as busiest, min(pace) filter (views >= 10) as fastest from sessions`,
    );
    expect(busiest).toBeLessThan(40);
    expect(fastest).toBeGreaterThan(5);
  });

  it('does not take the clicks of mail gateways for interest', async () => {
    const { rows = 0, raw = 0 } = await numbers(
      demo,
      `select count(*) as rows,
         (select count(*) from read_csv('${join(dataDir, 'email_events.csv')}') where event = 'clicked') as raw
       from scoreline.stg_email_events where event = 'clicked'`,
    );
    expect(rows).toBeLessThan(raw / 1.3);
    expect(rows).toBeGreaterThan(500);
  });

  it('has a pyramid of tiers with few leads at the top', async () => {
    const rows = await demo.query('select tier, count(*) as leads from scoreline.lead_score group by tier');
    const leads = new Map(rows.map(({ tier, leads: count }) => [tier, Number(count)]));
    const total = demo.rows.get('leads') ?? 0;
    const shares = tiers.map((tier) => (leads.get(tier) ?? 0) / total);
    expect(shares[0]).toBeGreaterThan(0.005);
    expect(shares[0]).toBeLessThan(0.05);
    for (const [above, below] of [
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const)
      expect(shares[above]).toBeLessThan(shares[below] ?? 0);
  });

  it('gives hot leads many times the deals of cold ones in the 90 days that follow', async () => {
    const rate = await dealRates(earlier, '2026-03-31');
    const [hot = 0, warm = 0, nurture = 0, cold = 0] = tiers.map((tier) => rate.get(tier));
    expect(hot).toBeGreaterThan(0.25);
    expect(hot).toBeGreaterThan(warm);
    expect(warm).toBeGreaterThan(nurture);
    expect(nurture).toBeGreaterThan(cold);
    expect(hot).toBeGreaterThan(15 * cold);
  });

  // The third quarter of 2025 is the one in which sales had the least luck with hot leads.
  it.each(['2025-06-30', '2025-09-30', '2025-12-31'])(
    'gives hot leads more deals than warm ones after %s',
    async (day) => {
      const built = await buildProject(dir, day, ['+lead_score', '+lead_deals']);
      try {
        const rate = await dealRates(built, day);
        const [hot = 0, warm = 0, nurture = 0, cold = 0] = tiers.map((tier) => rate.get(tier));
        expect(hot).toBeGreaterThan(warm);
        expect(warm).toBeGreaterThan(nurture);
        expect(nurture).toBeGreaterThan(cold);
      } finally {
        await built.warehouse.close();
      }
    },
    60_000,
  );

  it('rules out competitors and students, and nobody else', async () => {
    const {
      out = 0,
      meant = 0,
      both,
    } = await numbers(
      demo,
      `select count(*) filter (tier = 'disqualified') as out, count(*) filter (is_competitor or is_student) as meant,
              count(*) filter (tier = 'disqualified' and (is_competitor or is_student)) as both
       from scoreline.lead_score join scoreline.leads using (lead_id)`,
    );
    expect(out).toBeGreaterThan(50);
    expect([out, both]).toEqual([meant, meant]);
  });

  it('grades by fit and engagement', async () => {
    const rows = await demo.query('select grade, count(*)::int as leads from scoreline.lead_grade group by grade');
    const leads = new Map(rows.map(({ grade, leads: count }) => [grade, Number(count)]));
    expect([...leads.keys()].sort()).toEqual(['A1', 'A2', 'A3', 'B1', 'B2', 'B3', 'C1', 'C2', 'C3']);
    expect(leads.get('A1')).toBeLessThan(leads.get('A2') ?? 0);
    expect(leads.get('A2')).toBeLessThan(leads.get('A3') ?? 0);
    const { wrong } = await numbers(
      demo,
      `select count(*) filter (fit.tier <> 'ideal' or engagement.tier <> 'active') as wrong from scoreline.a1_leads
       join scoreline.lead_fit as fit using (lead_id) join scoreline.lead_engagement as engagement using (lead_id)`,
    );
    expect(wrong).toBe(0);
    expect(demo.rows.get('a1_leads')).toBeGreaterThan(0);
  });

  it('finds the accounts that buy by what their people do together', async () => {
    const rows = await earlier.query(`
      with outcomes as (
        select accounts.account_id, tier, max(deals.deal_id is not null) as opened
        from scoreline.account_interest
        join scoreline.accounts using (account_id)
        left join scoreline.stg_deals as deals
          on deals.account_id = accounts.account_id
          and deals.opened_at >= timestamptz '2026-03-31 00:00:00+00'
          and deals.opened_at < timestamptz '2026-06-29 00:00:00+00'
        where not is_customer and not has_open_deal
        group by all
      )
      select tier, avg(opened::int) as rate from outcomes group by tier`);
    const rate = new Map(rows.map(({ tier, rate: share }) => [tier, Number(share)]));
    const [buying = 0, looking = 0, unaware = 0] = ['buying', 'looking', 'unaware'].map((tier) => rate.get(tier));
    expect(buying).toBeGreaterThan(looking);
    expect(looking).toBeGreaterThan(unaware);
  });

  it('knows at an earlier date only what was known then', async () => {
    const { late } = await numbers(
      earlier,
      `select count(*) as late from scoreline.leads where created_at > timestamptz '2026-03-31 00:00:00+00'`,
    );
    expect(late).toBe(0);
    expect(earlier.rows.get('leads')).toBeLessThan(demo.rows.get('leads') ?? 0);
  });

  it('calls nobody a hot lead who is a customer, must not be contacted, or talks with sales already', async () => {
    const found = await numbers(
      demo,
      `select count(*) as leads, count(*) filter (tier = 'hot') as hot, count(*) filter (has_consent) as agreed,
              count(*) filter (is_customer or has_open_deal or is_competitor or is_student) as wrong
       from scoreline.hot_leads join scoreline.lead_score using (lead_id) join scoreline.leads using (lead_id)`,
    );
    expect(found.leads).toBeGreaterThan(10);
    expect(found).toMatchObject({ hot: found.leads, agreed: found.leads, wrong: 0 });
    expect(demo.rows.get('re_engage')).toBeGreaterThan(50);
  });

  it('scores the use of the product by those who have it', async () => {
    const { customers = 0, others = 0 } = await numbers(
      demo,
      `select avg(score) filter (is_customer) as customers, avg(score) filter (not is_customer) as others
       from scoreline.account_usage join scoreline.accounts using (account_id)`,
    );
    expect(customers).toBeGreaterThan(35);
    expect(others).toBeLessThan(5);
  });

  it('says the grain of every SELECT in its first line', () => {
    for (const file of filesBelow(join(root, 'sql'), '.sql')) {
      expect(readFileSync(file, 'utf8'), file).toMatch(/^-- One row per /);
    }
  });

  it('points editors at the schemas', () => {
    for (const [folder, kind] of [
      ['config', 'project'],
      ['models', 'model'],
      ['syncs', 'sync'],
    ] as const) {
      for (const file of filesBelow(join(root, folder), '.yml')) {
        const schema = relative(join(file, '..'), join(root, `.scoreline/schemas/${kind}.schema.json`));
        expect(readFileSync(file, 'utf8'), file).toMatch(new RegExp(`^# yaml-language-server: \\$schema=${schema}\n`));
      }
    }
  });
});

function filesBelow(dir: string, ending: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(dir, path));
}
