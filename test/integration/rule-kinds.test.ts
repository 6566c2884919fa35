import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpenProject } from '../support/open-project.ts';
import { smallProject } from '../support/project-files.ts';

const logins = `events: "{{ ref('logins') }}", at: login_at`;

/** As of 1 February 2026: lead 1 logged in once on the 30th and twice on the 31st, 2 on 1 December, 3 on 20 January. */
const card = `kind: scorecard
entity: lead
params: { oldest: { type: duration, default: 70d }, few: { type: integer, default: 2 } }
rules:
  - { id: before, ${logins}, between: [7d, "{{ param('oldest') }}"], points: 5 }
  - { id: often, label: Logged in, ${logins}, within: 30d, at_least: "{{ param('few') }}", points: 7 }
  - { id: bands, ${logins}, bands: [{ at_least: 1, points: 2 }, { at_least: 3, points: 11 }] }
  - { id: visits, ${logins}, points: 3, session: { gap: 2h, measure: pages, at_least: "{{ param('few') }}" } }
  - { id: curve, ${logins}, points: 10, curve: { half_at: 30 }, limit: 40 }
  - { id: silent, no_events: "{{ ref('logins') }}", at: login_at, within: 2w, points: -4, repeat: 3w, limit: 20 }
  - { id: left, events: "{{ ref('exits') }}", at: left_at, points: -9, recover: { on: "{{ ref('logins') }}", at: login_at } }
`;

/** The project's templates, but for what this card says. */
const visits = `kind: scorecard
entity: lead
reasons: { events: "{label}", max_length: 40 }
rules:
  - { id: visits, ${logins}, points: 2 }
  - { id: days, ${logins}, count: { distinct: login_at }, points: 1 }
  - { id: twice, ${logins}, points: 1, reason: "{label} in {count} visits" }
`;

const files = {
  ...smallProject,
  'syncs/leads_to_hubspot.yml': null,
  'models/hot_leads.yml': null,
  'models/lead_score.yml': card,
  'models/lead_visits.yml': visits,
  'config/scoreline.yml': `${smallProject['config/scoreline.yml']}reasons: { templates: reasons/english.yml, max_length: 200 }\n`,
  'reasons/english.yml':
    'events: { one: "{label}: one[ since {window}]", many: "{label}: {count}[ since {window}]" }\n',
  'sql/exits.sql': `select * from (values (1, timestamp '2026-01-31 10:30:00'), (3, timestamp '2026-01-25 08:00:00')) as t(lead_id, left_at)`,
  'models/exits.yml': 'sql: sql/exits.sql\n',
};

describe('a card with every kind of event rule', () => {
  let project: OpenProject;
  beforeAll(async () => {
    project = await OpenProject.open(files);
    await project.build();
  });
  afterAll(() => project.close());

  test('gives the points worked out by hand', async () => {
    const ids = ['before', 'often', 'bands', 'visits', 'curve', 'silent', 'left'];
    const points = ids.map((id) => `points__${id}::double as ${id}`).join(', ');
    expect(await project.query(`select lead_id, ${points} from scoreline.lead_score order by lead_id`)).toEqual([
      // Three logins bend to 40 · 30 / 60; a login followed the exit.
      { lead_id: 1, before: 0, often: 7, bands: 11, visits: 3, curve: 20, silent: 0, left: 0 },
      // Silent for 62 days: 14, and two whole periods of 21 after it.
      { lead_id: 2, before: 5, often: 0, bands: 2, visits: 0, curve: 10, silent: -12, left: 0 },
      { lead_id: 3, before: 5, often: 0, bands: 2, visits: 0, curve: 10, silent: 0, left: -9 },
      { lead_id: 4, before: 0, often: 0, bands: 0, visits: 0, curve: 0, silent: -20, left: 0 },
    ]);
  });

  test('says why in the words of the template', async () => {
    const [row] = await project.query('select reasons from scoreline.lead_score where lead_id = 1');
    expect(row?.reasons).toBe('Curve: 3 (+20); Bands: 3 (+11); Logged in (+7); Visits: one (+3)');
  });

  test('says why in other words where the card has some', async () => {
    const [row] = await project.query('select reasons from scoreline.lead_visits where lead_id = 1');
    expect(row?.reasons).toBe('Visits (+6); Days (+3); Twice in 3 visi…');
  });
});

test('checking asks whether the events that end a penalty carry the key', async () => {
  const project = await OpenProject.open({
    ...files,
    'models/lead_score.yml': card.replace(
      `recover: { on: "{{ ref('logins') }}", at: login_at }`,
      `recover: { on: "{{ ref('doors') }}", at: opened_at }`,
    ),
    'sql/doors.sql': `select timestamp '2026-01-01' as opened_at`,
    'models/doors.yml': 'sql: sql/doors.sql\n',
  });
  try {
    const { problems } = await project.check();
    expect(problems.map(({ file, line, value }) => [file, line, value])).toContainEqual([
      'models/lead_score.yml',
      11,
      "{{ ref('doors') }}",
    ]);
  } finally {
    await project.close();
  }
});
