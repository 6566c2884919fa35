import { afterEach, expect, test } from 'vitest';
import { OpenProject } from '../support/open-project.ts';
import type { ProjectFiles } from '../support/project-files.ts';

/*
 * Score cards that others publish, each as a small project, with scores worked out by hand. All are as of 1 February 2026.
 */

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.close();
});

type Tables = Readonly<
  Record<string, { readonly key?: string; readonly columns: string; readonly rows: readonly string[] }>
>;

/** A project whose tables are written into their SQL, and its entities `lead`, `deal` and others by their tables. */
function projectWith(entities: string, tables: Tables, models: ProjectFiles): ProjectFiles {
  const files: Record<string, string> = {
    'config/scoreline.yml': `version: 1
project: published
default_target: test
entities:
${entities}
targets:
  test:
    warehouse: { type: duckdb, path: .scoreline/test.duckdb }
    hubspot: { sandbox: true }
    schema: scoreline
`,
  };
  for (const [name, { key, columns, rows }] of Object.entries(tables)) {
    files[`sql/${name}.sql`] =
      `select * from (values\n${rows.map((row) => `  (${row})`).join(',\n')}\n) as t(${columns})\n`;
    files[`models/${name}.yml`] = `sql: sql/${name}.sql\n${key === undefined ? '' : `key: ${key}\n`}`;
  }
  return { ...files, ...models };
}

/** Builds the project; a model's rows in the order of their keys. */
async function built(files: ProjectFiles) {
  const project = await OpenProject.open(files);
  opened.push(project);
  await project.build();
  return async (model: string, ...columns: readonly string[]) => {
    const rows = await project.query(`select * from scoreline.${model} order by 1`);
    return rows.map((row) =>
      columns.map((column) => {
        const value = row[column];
        return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
      }),
    );
  };
}

const leadEntity = `  lead: { relation: "{{ ref('leads') }}", key: lead_id }`;

test("HubSpot's fit and engagement with monthly decay, group maxima and the A1 to C3 matrix", async () => {
  const event = (where: string) =>
    `events: "{{ ref('activities') }}", at: done_at, where: "kind = '${where}'", decay: { every: 30d, by: 50% }`;
  const scores = await built(
    projectWith(
      leadEntity,
      {
        leads: {
          key: 'lead_id',
          columns: 'lead_id, industry, employees, seniority, country',
          rows: [
            "1, 'software', 500, 'director', 'DE'",
            "2, 'software', 20, 'director', 'FR'",
            "3, 'retail', 5, 'intern', null",
          ],
        },
        activities: {
          columns: 'lead_id, done_at, kind',
          rows: [
            ...["date '2026-02-01'", "date '2026-01-31'", "date '2026-01-02'", "date '2025-12-03'"].map(
              (at) => `1, ${at}, 'page'`,
            ),
            ...["date '2026-01-30'", "date '2026-01-30'", "date '2025-12-28'"].map((at) => `1, ${at}, 'form'`),
            ...Array.from({ length: 4 }, () => "1, date '2026-01-15', 'click'"),
            "2, date '2025-12-18', 'page'",
            "2, date '2026-01-01', 'form'",
            ...Array.from({ length: 4 }, () => "3, date '2026-02-01', 'form'"),
          ],
        },
      },
      {
        'models/lead_fit.yml': `kind: scorecard
entity: lead
groups: { company: { max: 60 }, person: { max: 40 } }
rules:
  - { id: industry, when: "industry = 'software'", points: 30, group: company }
  - { id: size, when: "employees >= 200", points: 40, group: company }
  - { id: director, when: "seniority = 'director'", points: 25, group: person }
  - { id: germany, when: "country = 'DE'", points: 20, group: person }
`,
        'models/lead_engagement.yml': `kind: scorecard
entity: lead
groups: { web: { max: 50 }, email: { max: 30 } }
rules:
  - { id: page, ${event('page')}, points: 5, group: web }
  - { id: form, ${event('form')}, points: 20, group: web }
  - { id: click, ${event('click')}, points: 10, group: email }
`,
        'models/lead_score.yml': `kind: combine
entity: lead
inputs: { fit: lead_fit, engagement: lead_engagement }
score: "fit + engagement"
grade: { fit: [70, 40], engagement: [70, 40] }
`,
      },
    ),
  );
  // 30 + 40 are cut to 60, 25 + 20 to 40; 30 and 25; nothing.
  expect(await scores('lead_fit', 'score')).toEqual([[100], [55], [0]]);
  // Pages 5 + 5, 2.5 after 30 days, 0 after 60; forms 20 + 20, 10 after 35 days: 62.5 is cut to 50; clicks 40 to 30.
  // A page after 45 days 2.5, a form after 31 days 10. Four forms are 80, cut to 50.
  expect(await scores('lead_engagement', 'score')).toEqual([[80], [12.5], [50]]);
  expect(await scores('lead_score', 'score', 'grade')).toEqual([
    [180, 'A1'],
    [67.5, 'B3'],
    [50, 'C2'],
  ]);
});

test("Account Engagement's default points beside its grade from A+ to F", async () => {
  const activity = (id: string, points: number, more = '') =>
    `  - { id: ${id}, events: "{{ ref('activities') }}", at: done_at, where: "kind = '${id}'", points: ${points}${more} }`;
  const letters = ['A+', 'A', 'A-', 'B+', 'B', 'B-', 'C+', 'C', 'C-', 'D+', 'D', 'D-'];
  const scores = await built(
    projectWith(
      leadEntity,
      {
        leads: {
          key: 'lead_id',
          columns: 'lead_id, industry, title, employees',
          rows: [
            "1, 'technology', 'VP Sales', 900",
            "2, 'retail', 'Student', 900",
            "3, null, 'Student', null",
            "4, 'technology', 'VP', 10",
          ],
        },
        activities: {
          columns: 'lead_id, done_at, kind',
          rows: [
            ...['form', 'form', 'page', 'page', 'page', 'open', 'open', 'open', 'opportunity_created'].map(
              (kind) => `1, timestamp '2026-01-20 10:00:00', '${kind}'`,
            ),
            ...['form', 'form_error', 'form_error', 'opportunity_created', 'opportunity_lost'].map(
              (kind) => `2, timestamp '2026-01-20 10:00:00', '${kind}'`,
            ),
          ],
        },
      },
      {
        'models/prospect_score.yml': `kind: scorecard
entity: lead
rules:
${activity('form', 50)}
${activity('form_error', -5)}
${activity('page', 1)}
${activity('open', 1, ', count: once')}
${activity('opportunity_created', 50)}
${activity('opportunity_lost', -100)}
`,
        // In thirds of a letter: everyone starts at D, which is two thirds above F.
        'models/prospect_grade.yml': `kind: scorecard
entity: lead
base: 2
range: [0, 12]
rules:
  - { id: industry, when: "industry = 'technology'", points: 3 }
  - { id: title, when: "title like 'VP%'", points: 2 }
  - { id: size, when: "employees >= 200", points: 1 }
  - { id: student, when: "title = 'Student'", points: -3 }
tiers:
${letters.map((letter, index) => `  - { name: ${letter}, at: ${12 - index} }`).join('\n')}
  - { name: F }
`,
      },
    ),
  );
  // 100 + 3 + 1 + 50; 50 - 10 + 50 - 100.
  expect(await scores('prospect_score', 'score')).toEqual([[154], [-10], [0], [0]]);
  // 2 + 3 + 2 + 1; 2 + 1 - 3; 2 - 3, which is cut to 0; 2 + 3 + 2.
  expect(await scores('prospect_grade', 'score', 'tier')).toEqual([
    [8, 'B'],
    [0, 'F'],
    [0, 'F'],
    [7, 'B-'],
  ]);
});

test("Breadcrumbs' grid of four by four, with a ceiling of 100 whatever the weights", async () => {
  const scores = await built(
    projectWith(
      leadEntity,
      {
        leads: {
          key: 'lead_id',
          columns: 'lead_id, role, employees, region',
          rows: ["1, 'buyer', 900, 'EU'", "2, 'buyer', 5, 'US'", "3, 'user', 900, 'US'", "4, 'user', 5, 'US'"],
        },
        visits: {
          columns: 'lead_id, done_at',
          rows: [
            ...Array.from({ length: 7 }, () => "1, date '2026-01-31'"),
            ...Array.from({ length: 4 }, () => "2, date '2026-01-18'"),
            "3, date '2026-01-18'",
          ],
        },
      },
      {
        'models/fit.yml': `kind: scorecard
entity: lead
range: [0, 100]
rules:
  - { id: role, when: "role = 'buyer'", points: 50 }
  - { id: size, when: "employees >= 100", points: 30 }
  - { id: region, when: "region = 'EU'", points: 40 }
`,
        'models/activity.yml': `kind: scorecard
entity: lead
range: [0, 100]
rules:
  - { id: visits, events: "{{ ref('visits') }}", at: done_at, points: 20, limit: 100, decay: { half_life: 14d } }
`,
        'models/grid.yml': `kind: combine
entity: lead
inputs: { fit: fit, activity: activity }
score: "least(fit, activity)"
grade: { fit: [75, 50, 25], activity: [75, 50, 25] }
tiers:
  - { name: call now, at: 50 }
  - { name: nurture }
`,
      },
    ),
  );
  // 120 is cut to 100; 50; 30; 0. Seven visits of yesterday are more than 100; four of 14 days ago are 40; one is 10.
  expect(await scores('grid', 'points__fit', 'points__activity', 'grade', 'score', 'tier')).toEqual([
    [100, 100, 'A1', 100, 'call now'],
    [50, 40, 'B3', 40, 'nurture'],
    [30, 10, 'C4', 10, 'nurture'],
    [0, 0, 'D4', 0, 'nurture'],
  ]);
});

test('the card for small businesses, with its stages of the funnel', async () => {
  const scores = await built(
    projectWith(
      leadEntity,
      {
        leads: {
          key: 'lead_id',
          columns: 'lead_id, title, industry',
          rows: ["1, 'Director', 'technology'", "2, 'Student', null", "3, 'VP', 'retail'", "4, 'Clerk', 'technology'"],
        },
        actions: {
          columns: 'lead_id, done_at, kind',
          rows: [
            ...['pricing', 'pricing', 'case_study', 'contact_form'].map((kind) => `1, date '2026-01-20', '${kind}'`),
            "2, date '2025-10-01', 'pricing'",
            ...['pricing', 'contact_form', 'case_study'].map((kind) => `3, date '2026-01-20', '${kind}'`),
            ...['pricing', 'unsubscribed', 'case_study'].map((kind) => `4, date '2026-01-20', '${kind}'`),
          ],
        },
      },
      {
        'models/lead_score.yml': `kind: scorecard
entity: lead
rules:
  - { id: decision_maker, label: Director or VP, when: "title in ('Director', 'VP')", points: 15 }
  - { id: technology, when: "industry = 'technology'", points: 10 }
  - { id: pricing, label: Visited pricing, events: "{{ ref('actions') }}", at: done_at, where: "kind = 'pricing'", points: 20 }
  - { id: case_study, events: "{{ ref('actions') }}", at: done_at, where: "kind = 'case_study'", points: 5 }
  - { id: contact_form, events: "{{ ref('actions') }}", at: done_at, where: "kind = 'contact_form'", points: 10 }
  - { id: student, when: "title in ('Student', 'Intern')", points: -10 }
  - { id: no_industry, when: "industry is null", points: -5 }
  - { id: unsubscribed, events: "{{ ref('actions') }}", at: done_at, where: "kind = 'unsubscribed'", count: once, points: -15 }
  - { id: inactive, no_events: "{{ ref('actions') }}", at: done_at, within: 90d, points: -20 }
tiers:
  - { name: SQL, label: Sales-qualified, at: 75 }
  - { name: MQL, label: Marketing-qualified, at: 50 }
  - { name: nurture, at: 20 }
  - { name: out }
`,
      },
    ),
  );
  // 15 + 10 + 40 + 5 + 10; 20 - 10 - 5 - 20; 15 + 20 + 10 + 5; 10 + 20 + 5 - 15.
  expect(await scores('lead_score', 'score', 'tier')).toEqual([
    [80, 'SQL'],
    [-15, 'out'],
    [50, 'MQL'],
    [20, 'nurture'],
  ]);
});

test('the guide for enterprises: rules and weights of their own for each persona, and gates', async () => {
  const scores = await built(
    projectWith(
      leadEntity,
      {
        leads: {
          key: 'lead_id',
          columns: 'lead_id, persona, employees, email',
          rows: [
            "1, 'developer', 5000, 'a@one.example'",
            "2, 'executive', 5000, 'b@two.example'",
            "3, 'other', 10, 'c@three.example'",
            "4, 'executive', 5000, 'd@rival.example'",
          ],
        },
        visits: {
          columns: 'lead_id, done_at, page',
          rows: ['1', '2', '3', '4'].flatMap((lead) => [
            `${lead}, date '2026-01-31', '/pricing'`,
            `${lead}, date '2026-01-31', '/docs'`,
            `${lead}, date '2026-01-31', '/docs'`,
          ]),
        },
      },
      {
        'models/lead_score.yml': `kind: scorecard
entity: lead
rules:
  - { id: pricing, events: "{{ ref('visits') }}", at: done_at, where: "page = '/pricing'", points: 10 }
  - { id: docs, events: "{{ ref('visits') }}", at: done_at, where: "page = '/docs'", points: 2 }
  - { id: small, when: "employees < 200", points: -10 }
segments:
  - { name: developer, when: "persona = 'developer'", points: { docs: 15 }, tiers: { alert: 35 } }
  - { name: executive, when: "persona = 'executive'", points: { pricing: 40, docs: 0 } }
  - { name: anyone }
disqualify:
  - { id: rival, label: Competitor, when: "{{ email_domain('email') }} = 'rival.example'" }
tiers: [{ name: alert, at: 40 }, { name: wait }]
`,
      },
    ),
  );
  // 10 + 30; 40 + 0; 10 + 4 - 10; 40 + 0.
  expect(await scores('lead_score', 'segment', 'score', 'tier')).toEqual([
    ['developer', 40, 'alert'],
    ['executive', 40, 'alert'],
    ['anyone', 4, 'wait'],
    ['executive', 40, 'disqualified'],
  ]);
});

test('two stages on the same people, and cards for their deals', async () => {
  const scores = await built(
    projectWith(
      `${leadEntity.replace('key: lead_id }', 'key: lead_id, belongs_to: { account: account_id } }')}
  account: { relation: "{{ ref('accounts') }}", key: account_id }
  deal: { relation: "{{ ref('deals') }}", key: deal_id, belongs_to: { account: account_id } }`,
      {
        accounts: { key: 'account_id', columns: 'account_id, users', rows: ["'a', 25", "'b', 3"] },
        leads: {
          key: 'lead_id',
          columns: 'lead_id, account_id, is_customer, seniority',
          rows: ["1, 'a', true, 'vp'", "2, 'b', false, 'vp'", "3, 'b', true, 'clerk'"],
        },
        deals: {
          key: 'deal_id',
          columns: 'deal_id, account_id, amount, stage, opened_on',
          rows: ["10, 'a', 5000, 'offer', date '2026-01-25'", "11, 'b', 50000, 'talks', date '2025-06-01'"],
        },
        logins: {
          columns: 'lead_id, done_at',
          rows: ["1, date '2026-01-30'", "1, date '2026-01-29'", "2, date '2026-01-30'", "3, date '2025-11-01'"],
        },
      },
      {
        'models/lead_card.yml': `kind: scorecard
entity: lead
rules:
  - { id: senior, when: "seniority = 'vp'", points: 40 }
  - { id: trial, events: "{{ ref('logins') }}", at: done_at, within: 30d, points: 20 }
disqualify: [{ id: customer, label: Is a customer already, when: is_customer }]
tiers: [{ name: will convert, at: 50 }, { name: not yet }]
`,
        'models/account_upsell.yml': `kind: scorecard
entity: account
rules: [{ id: over_20_users, when: "users > 20", points: 60 }]
tiers: [{ name: upsell, at: 60 }, { name: steady }]
`,
        'models/loyalty.yml': `kind: scorecard
entity: lead
base: 50
rules:
  - { id: uses_it, label: Uses the product, events: "{{ ref('logins') }}", at: done_at, within: 30d, points: 10, limit: 30 }
  - { id: silent, label: Does not use it any more, no_events: "{{ ref('logins') }}", at: done_at, within: 30d, points: -40 }
disqualify: [{ id: prospect, label: Is no customer yet, when: "not is_customer" }]
tiers: [{ name: loyal, at: 70 }, { name: steady, at: 40 }, { name: may churn }]
`,
        'models/customer_card.yml': `kind: combine
entity: lead
inputs: { loyalty: loyalty, upsell: account_upsell }
score: "0.5 * loyalty + 0.5 * upsell"
grade: { loyalty: [70, 40], upsell: [60, 30] }
tiers: [{ name: ask now, at: 60 }, { name: look after }]
`,
        'models/deal_card.yml': `kind: scorecard
entity: deal
rules:
  - { id: amount, value: "amount / 1000.0", points: 1, limit: 40 }
  - { id: offer, when: "stage = 'offer'", points: 30 }
  - { id: stale, when: "{{ days_between('opened_on', param('as_of')) }} > 180", points: -25 }
tiers: [{ name: commit, at: 30 }, { name: open }]
`,
        'models/deal_priority.yml': `kind: combine
entity: deal
inputs: { deal: deal_card, account: account_upsell }
score: "deal + account / 2"
tiers: [{ name: first, top: 50% }, { name: later }]
`,
      },
    ),
  );
  expect(await scores('lead_card', 'score', 'tier')).toEqual([
    [80, 'disqualified'],
    [60, 'will convert'],
    [0, 'disqualified'],
  ]);
  // 50 + 20; a prospect; 50 - 40.
  expect(await scores('loyalty', 'score', 'tier')).toEqual([
    [70, 'loyal'],
    [60, 'disqualified'],
    [10, 'may churn'],
  ]);
  // 35 + 30; 30 + 0 of a prospect; 5 + 0.
  expect(await scores('customer_card', 'score', 'tier', 'grade')).toEqual([
    [65, 'ask now', 'A1'],
    [30, 'disqualified', 'B3'],
    [5, 'look after', 'C3'],
  ]);
  // 5 + 30; 40 (of 50) - 25.
  expect(await scores('deal_card', 'score', 'tier')).toEqual([
    [35, 'commit'],
    [15, 'open'],
  ]);
  expect(await scores('deal_priority', 'score', 'tier')).toEqual([
    [65, 'first'],
    [15, 'later'],
  ]);
});
