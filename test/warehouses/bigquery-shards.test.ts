import { afterAll, beforeAll, expect, test } from 'vitest';
import { bigQuery, type CloudServer } from '../support/cloud-server.ts';
import { describeOn } from '../support/describe-on-cloud.ts';
import { OpenProject } from '../support/open-project.ts';

const day = 'happened_at';

/** As of 1 February 2026. */
const files = ({ target, schema }: CloudServer) => ({
  'config/scoreline.yml': `
version: 1
project: shards
timezone: UTC
default_target: test
entities: { lead: { relation: "{{ ref('leads') }}", key: lead_id } }
sources: { web: { schema: ${schema('ga4')}, tables: { events: { identifier: "events_*" } } } }
targets:
  test:
    warehouse: ${JSON.stringify(target)}
    hubspot: { sandbox: true }
    schema: ${schema('scoreline')}
`,
  'sql/leads.sql': 'select 1 as lead_id union all select 2\n',
  'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id]\n',
  'sql/visits.sql': `select lead_id, count(*) as visits from {{ source('web', 'events') }}
where _table_suffix >= format_date('%Y%m%d', date_sub(date({{ param('as_of') }}), interval 7 day))
group by lead_id
`,
  'models/visits.yml': 'sql: sql/visits.sql\nkey: [lead_id]\n',
  'models/lead_score.yml': `
kind: scorecard
entity: lead
rules:
  - { id: visits, events: "{{ source('web', 'events') }}", at: ${day}, within: 7d, points: 1 }
tiers: [{ name: any }]
`,
});

describeOn(bigQuery, (server) => {
  let project: OpenProject;
  beforeAll(async () => {
    project = await OpenProject.open(files(server()));
  });
  afterAll(() => project?.close());

  test('tables per day are read as far back as the rules look, and no further', async () => {
    // Every table has an event of the last day of January, so that only the tables that are read tell.
    for (const suffix of ['20250101', '20260124', '20260125', '20260202', '20260203', 'intraday_20260201']) {
      const text = `select 1 as lead_id, timestamp '2026-01-31 10:00:00' as ${day}`;
      await project.warehouse.createTable(
        { schema: server().schema('ga4'), name: `events_${suffix}` },
        { text, binds: [] },
      );
    }
    await project.build();
    expect(
      await project.query(
        `select lead_id, points__visits as points from ${server().schema('scoreline')}.lead_score order by 1`,
      ),
    ).toEqual([
      // From 26 January to 1 February, with a day to spare at each end, and the table of the day that lasts.
      { lead_id: 1, points: '3' },
      { lead_id: 2, points: '0' },
    ]);
    // As the README has it for SQL of one's own: the tables of a week and all later ones, intraday_ too.
    expect(await project.query(`select visits from ${server().schema('scoreline')}.visits`)).toEqual([{ visits: 4 }]);
    const { text } = project.compile().models.get('lead_score')?.statement ?? { text: '' };
    expect(text).toContain("_table_suffix between '20260125' and '20260202'");
  });
});
