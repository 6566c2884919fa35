import { describe, expect, it } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { compile } from '../support/open-project.ts';
import { type ProjectFiles, smallProject } from '../support/project-files.ts';

const head = 'kind: scorecard\nentity: lead\nincremental: true\nrules:\n';
const logins = `events: "{{ ref('logins') }}", at: login_at`;

function problemsOf(card: string, more: ProjectFiles = {}): readonly string[] {
  try {
    compile({
      ...smallProject,
      'syncs/leads_to_hubspot.yml': null,
      'models/hot_leads.yml': null,
      'models/lead_score.yml': card,
      ...more,
    });
  } catch (error) {
    if (!(error instanceof ScorelineError)) throw error;
    return error.problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  }
  return [];
}

const refusal = (place: string, rule: string, why: string) =>
  `models/lead_score.yml:${place} rule \`${rule}\` cannot be kept in sums of days, since ${why}, or a card without \`incremental\``;

describe('a card with `incremental`', () => {
  it('takes windows, decay, bands, curves and absence in days, and what reads no events', () => {
    const rules = `
  - { id: a, ${logins}, where: "device = 'web'", within: 2w, points: 2, max_per_day: 2, decay: { linear: 10d }, curve: { log: 3 } }
  - { id: b, ${logins}, between: [2d, 9d], count: once, points: 2 }
  - { id: c, ${logins}, bands: [{ at_least: 3, points: 4 }], decay: { half_life: 3d } }
  - { id: d, no_events: "{{ ref('logins') }}", at: login_at, within: 3d, repeat: 3d, limit: 9, points: -3 }
  - { id: e, when: "seats > 3", points: 2 }
  - { id: f, value: seats, points: 2 }
segments: [{ name: large, when: "seats > 9", points: { a: 5 }, within: { a: 20d } }]
`;
    expect(problemsOf(head + rules)).toEqual([]);
  });

  it('says of every rule that cannot be kept where, why and what else', () => {
    const rules = `  - { id: hours, ${logins}, within: 36h, points: 2 }
  - { id: fades, ${logins}, points: 2, decay: { half_life: 12h } }
  - { id: paid, ${logins}, points: seats }
  - { id: pages, ${logins}, count: { distinct: device }, points: 2 }
  - { id: visits, ${logins}, session: { by: device }, points: 2 }
  - { id: forgiven, ${logins}, points: -2, recover: { on: "{{ ref('logins') }}", at: login_at } }
  - { id: now, ${logins}, where: "login_at < {{ param('as_of') }}", points: 2 }
  - { id: others, ${logins}, where: "lead_id in (select lead_id from raw.vips)", points: 2 }
  - { id: silent, no_events: "{{ ref('logins') }}", at: login_at, within: 6h, points: -2 }
  - { id: recent, ${logins}, between: [6h, 3d], points: 2 }
  - { id: plain, ${logins}, within: 3d, points: 2 }
segments: [{ name: large, when: "seats > 9", within: { plain: 5h } }]
`;
    const when = 'and the sum of a day does not say when in the day: expected days or weeks';
    const own = "expected SQL over the event's own row";
    expect(problemsOf(head + rules)).toEqual([
      refusal('5:71', 'hours', `\`within\` says 36h, ${when}`),
      refusal('6:81', 'fades', `\`decay\` says 12h, ${when}`),
      refusal(
        '7:70',
        'paid',
        'with points in SQL it matters which events a day has, not only how many: expected a number, or a rule for each number of points',
      ),
      refusal(
        '8:70',
        'pages',
        'the sums of two days do not say which values they share: expected `count: each` or `count: once`',
      ),
      refusal('9:73', 'visits', 'a session may go on from one day to the next: expected a rule on events'),
      refusal(
        '10:87',
        'forgiven',
        'which event came first, the penalty or what ends it, is a matter of hours and minutes: expected a penalty without `recover`',
      ),
      refusal('11:69', 'now', `\`where\` reads \`as_of\`, so that it changes with every build: ${own}`),
      refusal('12:72', 'others', `\`where\` reads other rows, which may change later: ${own}`),
      refusal('13:75', 'silent', `\`within\` says 6h, ${when}`),
      refusal('14:73', 'recent', `\`between\` says 6h, ${when}`),
      refusal('16:63', 'plain', `\`within\` says 5h, ${when}`),
    ]);
  });

  it('does not take the word select in a text for rows of others', () => {
    expect(problemsOf(`${head}  - { id: a, ${logins}, where: "device = 'select'", points: 2 }\n`)).toEqual([]);
  });

  it('refuses events that other relations make those of the entity', () => {
    const config = String(smallProject['config/scoreline.yml']).replace(
      'key: lead_id\n',
      'key: lead_id\n    belongs_to: { account: seniority }\n  account:\n    relation: raw.accounts\n    key: seniority\n',
    );
    const card = `${head.replace('lead', 'account')}  - { id: a, ${logins}, points: 2 }\n`;
    expect(problemsOf(card, { 'config/scoreline.yml': config })).toEqual([
      refusal(
        '5:23',
        'a',
        "its events are those of another entity, or of an alias, and whose they are may change after they were summed up: expected events with the entity's own key",
      ),
    ]);
  });

  it('refuses events whose SQL reads `as_of`', () => {
    const sql =
      "select lead_id, login_at, device\nfrom {{ source('app', 'logins') }}\nwhere login_at > {{ param('as_of') }}";
    expect(problemsOf(`${head}  - { id: a, ${logins}, points: 2 }\n`, { 'sql/logins.sql': sql })).toEqual([
      'sql/logins.sql:3:21 `logins` reads `as_of`, so that its rows change with every build, and `lead_score` keeps sums of its days (`incremental`) for rule `a`',
    ]);
  });

  it('refuses events of tables that every build makes anew, also further up', () => {
    const more = {
      'models/users.yml': 'sql: sql/users.sql\n',
      'sql/users.sql': "select * from {{ source('app', 'users') }}",
      'models/logins.yml': 'sql: sql/logins.sql\nmaterialize: view\n',
      'sql/logins.sql':
        "select logins.* from {{ source('app', 'logins') }} as logins join {{ ref('users') }} as users using (lead_id)",
    };
    expect(problemsOf(`${head}  - { id: a, ${logins}, points: 2 }\n`, more)).toEqual([
      'models/lead_score.yml:5:23 `incremental`: the events of rule `a` come from `users`, a table that every build makes anew from all of its rows',
    ]);
  });

  it.each([
    ['{ lookback: 36h }', '3:26 `lookback` is 36h: expected days or weeks, since whole days are kept'],
    [
      '{ loaded_at: loaded }',
      "3:27 {{ ref('logins') }} has no column `loaded`: expected one that all events of the card have",
    ],
    ['{ by: loaded }', '3:16 unknown key `incremental.by`'],
    ['hourly', '3:14 `incremental` is hourly: expected true, false, or { loaded_at, lookback }'],
  ])('refuses %s', (options, problem) => {
    const card = `${head.replace('true', options)}  - { id: a, ${logins}, points: 2 }\n`;
    expect(problemsOf(card)).toEqual([`models/lead_score.yml:${problem}`]);
  });

  it('keeps names for its tables', () => {
    const names = { 'models/daily__x.yml': 'sql: sql/leads.sql\n', 'models/daily_sums.yml': 'sql: sql/leads.sql\n' };
    expect(problemsOf(`${head}  - { id: a, ${logins}, points: 2 }\n`, names)).toEqual(
      ['daily__x', 'daily_sums'].map(
        (name) => `models/${name}.yml:1:1 \`${name}\` is a table that Scoreline keeps beside the models`,
      ),
    );
  });
});
