import { describe, expect, test } from 'vitest';
import { problemLine, problemsWith } from '../../support/project-problems.ts';

const lines = (files: Parameters<typeof problemsWith>[0]) => problemsWith(files).map(problemLine);

/** The problems of one scorecard, without the file's name. */
function card(body: string): readonly string[] {
  const found = lines({ 'models/card.yml': `kind: scorecard\nentity: lead\n${body}\n` });
  return found.map((line) => line.replace('models/card.yml:', ''));
}

const oneRule = 'rules: [{ id: a, when: x, points: 1 }]';
const rule = (text: string) => card(`rules: [{ ${text} }]`);

describe('a rule', () => {
  test('of no kind is refused', () => {
    expect(rule('id: a, points: 1')).toEqual([
      '3:9 rule `a` says nothing to score by: expected one of events, when, no_events, value, rollup',
    ]);
  });

  test('of two kinds is refused', () => {
    expect(rule('id: a, points: 1, events: t, when: x, at: y')).toEqual([
      '3:40 rule `a` has both `events` and `when`: expected one of them | A predicate on the event row is called `where`.',
    ]);
    expect(rule('id: a, points: 1, when: x, value: y')).toEqual([
      '3:38 rule `a` has both `when` and `value`: expected one of them | Make two rules of it.',
    ]);
  });

  test('without points is refused', () => {
    expect(rule('id: a, when: x')).toEqual(['3:9 rule `a` gives no points: expected `points`, a number or SQL']);
  });

  test('of events needs the time of the event', () => {
    expect(rule('id: a, points: 1, events: t')).toEqual(['3:9 rule `a` has `events` without `at`']);
  });

  test('of absence needs the time and the window', () => {
    expect(rule('id: a, points: 1, no_events: t')).toEqual([
      '3:9 rule `a` has `no_events` without `at`',
      '3:9 rule `a` has `no_events` without `within`',
    ]);
  });

  test.each([
    ['when: x', 'decay: { half_life: 1d }', '`when`, which takes no `decay`: it goes with `events`'],
    ['when: x', 'within: 3d', '`when`, which takes no `within`: it goes with `events` and `no_events`'],
    ['value: x', 'where: y', '`value`, which takes no `where`: it goes with `events` and `no_events`'],
    ['no_events: t, at: x, within: 3d', 'count: once', '`no_events`, which takes no `count`: it goes with `events`'],
    ['value: x', 'max_per_day: 3', '`value`, which takes no `max_per_day`: it goes with `events`'],
    ['events: t, at: x, within: 3d', 'between: [1d, 2d]', 'both `within` and `between`: expected one of them'],
    ['events: t, at: x', 'bands: [{ at_least: 3, points: 8 }]', 'both `points` and `bands`: expected one of them'],
    ['events: t, at: x, count: once', 'at_least: 3', '`count: once`, which leaves `at_least` no more than one event'],
  ])('%s with %s contradicts itself', (kind, option, message) => {
    expect(rule(`id: a, points: 1, ${kind}, ${option}`)).toEqual([
      expect.stringContaining(`rule \`a\` has ${message}`),
    ]);
  });

  test('may repeat silence up to a limit, and recover', () => {
    const silence = 'id: a, no_events: t, at: x, within: 3d';
    expect(rule(`${silence}, points: -1, repeat: 3d, limit: 9, recover: { on: t, at: y, where: z }`)).toEqual([]);
    expect(rule(`${silence}, points: -1, repeat: 3d`)).toEqual([
      '3:63 rule `a` has `repeat` without `limit`: who never had such an event would lose points without an end | Add a `limit`, such as five times the points.',
    ]);
    expect(rule(`${silence}, points: seats, repeat: 3d, limit: 9`)).toEqual([
      expect.stringContaining('rule `a` has `repeat` and points in SQL'),
    ]);
    expect(rule('id: a, events: t, at: x, points: -1, repeat: 3d')).toEqual([
      expect.stringContaining('`events`, which takes no `repeat`: it goes with `no_events`'),
    ]);
    expect(rule('id: a, events: t, at: x, points: -1, recover: { on: t }')).toEqual([
      expect.stringContaining('`rules[0].recover.at` is missing'),
    ]);
    expect(rule(`id: a, events: t, at: x, points: -1, recover: { on: "{{ ref('visit') }}", at: y }`)).toEqual([
      expect.stringContaining('unknown model `visit`'),
    ]);
  });

  test('may bend its points in one way, where they are a sum', () => {
    const events = 'id: a, points: 1, events: t, at: x';
    expect(rule(`${events}, curve: { log: 10 }`)).toEqual([]);
    expect(rule(`${events}, curve: { half_at: 10 }, limit: 3`)).toEqual([]);
    for (const curve of ['{}', '{ log: 10, half_at: 3 }']) {
      expect(rule(`${events}, curve: ${curve}, limit: 3`)).toEqual([
        '3:54 curve of rule `a`: expected one of { log: 10 } or { half_at: 20 }',
      ]);
    }
    expect(rule(`${events}, curve: { half_at: 10 }`)).toEqual([
      expect.stringContaining('rule `a` has `curve: { half_at }` without `limit`, which its points come near'),
    ]);
    expect(rule('id: a, points: 1, when: x, curve: { log: 10 }')).toEqual([
      expect.stringContaining('`when`, which takes no `curve`: it goes with `events` and `value`'),
    ]);
  });

  test('may count sessions, which are made and measured in one way', () => {
    const events = 'id: a, points: 1, events: t, at: x';
    expect(rule(`${events}, session: { by: session_id }`)).toEqual([]);
    expect(rule(`${events}, session: { gap: 30m, measure: minutes, at_least: 2.5 }`)).toEqual([]);
    const wrong = (session: string) => rule(`${events}, session: ${session}`);
    expect(wrong('{ by: a, gap: 30m }')).toEqual([
      '3:56 session of rule `a`: expected one of { by: session_id } or { gap: 30m }',
    ]);
    expect(wrong('{ gap: 30m, at_least: 2 }')).toEqual([expect.stringContaining('`at_least` needs `measure`')]);
    expect(wrong('{ gap: 30m, measure: pages }')).toEqual([
      expect.stringContaining('`measure: pages` needs `at_least`'),
    ]);
    expect(wrong('{ gap: 30m }, count: { distinct: url }')).toEqual([
      expect.stringContaining('rule `a` has `session` and `count: { distinct }`'),
    ]);
    expect(wrong('{ gap: 30m, measure: count, at_least: 2 }, at_least: 3')).toEqual([
      expect.stringContaining('rule `a` has `session: { measure: count }` and `at_least`, which both count sessions'),
    ]);
    expect(rule('id: a, points: seats, events: t, at: x, session: { gap: 30m }')).toEqual([
      expect.stringContaining('rule `a` has `session` and points in SQL'),
    ]);
  });

  test('may have a reason, whose places are filled', () => {
    const events = 'id: a, points: 1, events: t, at: x';
    expect(rule(`${events}, within: 3d, reason: { one: "once in {window}", many: "{label} {count} times" }`)).toEqual(
      [],
    );
    expect(rule(`${events}, reason: "Seen {cuont} times in {window}"`)).toEqual([
      '3:56 nothing stands for `{cuont}` in this reason: expected {label}, {count} | Did you mean `count`?',
      expect.stringContaining('nothing stands for `{window}` in this reason: expected {label}, {count}'),
    ]);
    expect(rule('id: a, points: 1, when: x, reason: { one: a, many: b }')).toEqual([
      expect.stringContaining('only rules on events have one event or many: expected one text'),
    ]);
    expect(card(`reasons: { max_length: 5, events: "{cuont}" }\n${oneRule}`)).toEqual([
      expect.stringContaining('expected a whole number of at least 20'),
      expect.stringContaining('nothing stands for `{cuont}` in this reason: expected {label}, {count}, {window}'),
    ]);
  });

  test('may have its words from a file, which is checked as well', () => {
    const files = (templates: string) => ({
      'reasons/german.yml': templates,
      'models/card.yml': `kind: scorecard\nentity: lead\nreasons: { templates: reasons/german.yml }\n${oneRule}`,
    });
    const units = 'units: { day: { one: Tag, many: Tagen }, hour: { one: h, many: h }, minute: { one: m, many: m } }';
    expect(
      lines(files(`events: { one: "{label} einmal", many: "{label} {count}-mal in {window}" }\n${units}`)),
    ).toEqual([]);
    expect(lines(files(`events: "{anzahl}-mal"\nunits: { day: { one: Tag } }`))).toEqual([
      expect.stringContaining('reasons/german.yml:1:10 nothing stands for `{anzahl}` in this reason'),
      expect.stringContaining('reasons/german.yml:2:8 `units.hour` is missing'),
      expect.stringContaining('reasons/german.yml:2:8 `units.minute` is missing'),
      expect.stringContaining('reasons/german.yml:2:15 `units.day.many` is missing'),
    ]);
    expect(card(`reasons: { templates: reasons/german.yml }\n${oneRule}`)).toEqual([
      expect.stringContaining('3:23 there is no file reasons/german.yml in the project'),
    ]);
  });

  test('with SQL for the points of at_least contradicts itself', () => {
    expect(rule('id: a, points: amount, events: t, at: x, at_least: 2')).toEqual([
      expect.stringMatching(/^3:18 rule `a` gives its points once with `at_least`, .* \| Write a number/),
    ]);
  });

  test('with bands needs no points, and with both bands and at_least contradicts itself', () => {
    const bands = 'bands: [{ at_least: 10, points: 20 }, { at_least: 3, points: 8 }]';
    expect(rule(`id: a, events: t, at: x, between: [7d, 30d], ${bands}`)).toEqual([]);
    expect(rule(`id: a, events: t, at: x, at_least: 2, ${bands}`)).toEqual([
      expect.stringContaining('rule `a` has both `bands` and `at_least`: expected one of them'),
    ]);
    expect(rule('id: a, events: t, at: x, bands: []')).toEqual([expect.stringContaining('expected at least one band')]);
    expect(rule('id: a, events: t, at: x, points: 1, between: 7d')).toEqual([
      expect.stringContaining('expected [youngest, oldest], such as [7d, 30d]'),
    ]);
  });

  test.each(['{}', '{ half_life: 1d, linear: 2d }', '{ every: 3d }', '{ by: 50% }', '{ linear: 2d, by: 50% }'])(
    'with the decay %s is refused',
    (decay) => {
      expect(rule(`id: a, points: 1, events: t, at: x, decay: ${decay}`)).toEqual([
        '3:54 decay of rule `a`: expected one of { half_life: 14d }, { linear: 60d } or { every: 30d, by: 50% }',
      ]);
    },
  );

  test('may have the id of no other', () => {
    expect(card('rules:\n  - { id: a, when: x, points: 1 }\n  - { id: a, when: y, points: 2 }')).toEqual([
      '5:11 rule id `a` stands twice: expected another one',
    ]);
  });

  test('names a group of the card', () => {
    expect(card('groups: { usage: { max: 60 } }\nrules: [{ id: a, when: x, points: 1, group: usge }]')).toEqual([
      '4:45 unknown group `usge` | Did you mean `usage`?',
    ]);
    expect(rule('id: a, when: x, points: 1, group: web')).toEqual(['3:45 unknown group `web` | There are none yet.']);
  });

  test('names relations that exist', () => {
    const events = (relation: string) => rule(`id: a, points: 1, at: x, events: "${relation}"`);
    expect(events("{{ ref('login') }}")).toEqual(['3:45 unknown model `login` | Did you mean `logins`?']);
    expect(events("{{ source('ap', 'users') }}")).toEqual(['3:45 unknown source `ap` | Did you mean `app`?']);
    expect(events("{{ source('app', 'user') }}")).toEqual([
      '3:45 source `app` has no table `user` | Did you mean `users`?',
    ]);
    expect(events("{{ source('app', 'users') }}")).toEqual([]);
    expect(events('raw.logins')).toEqual([]);
    expect(rule(`id: a, points: 1, at: x, within: 3d, no_events: [t, "{{ ref('login') }}"]`)).toEqual([
      '3:59 unknown model `login` | Did you mean `logins`?',
    ]);
  });

  test('with a problem of its own does not hide those of others', () => {
    const found = card(`groups: { usage: { max: x } }
rules:
  - { id: a, points: 1, events: t, at: y, within: 14 d }
  - { id: b, points: 1 }
  - { id: c, points: 1, when: x, group: usage }
  - { id: c, points: 1, when: x, group: usag }
tiers: [{ name: hot, at: 1 }, { name: warm, at: 2 }]`);
    expect(found.map((line) => line.split(' ')[0])).toEqual(['3:25', '5:51', '6:5', '8:11', '8:41', '9:49']);
  });
});

describe('ranges', () => {
  test('may not begin above their end', () => {
    expect(card(`range: [100, 0]\n${oneRule}`)).toEqual(['3:8 range [100, 0] begins above its end']);
    expect(card(`groups: { usage: { min: 5, max: 1 } }\n${oneRule}`)).toEqual([
      '3:18 group `usage`: min 5 is above max 1',
    ]);
  });

  test('of parameters are not judged here', () => {
    expect(card(`params: { low: { type: number } }\nrange: ["{{ param('low') }}", 0]\n${oneRule}`)).toEqual([]);
  });
});

describe('tiers', () => {
  const tiers = (text: string) => card(`${oneRule}\ntiers: [${text}]`);

  test.each([
    ['{ name: warm, at: 50 }, { name: hot, at: 75 }, { name: cold }', '`hot` is at 75, and `warm` above it is at 50'],
    ['{ name: hot, at: 50 }, { name: warm, at: 50 }', '`warm` is at 50, and `hot` above it is at 50'],
    ['{ name: hot, at: 50 }, { name: hot, at: 20 }', 'tier `hot` stands twice'],
    ['{ name: disqualified }', 'the tier name `disqualified` is reserved'],
    [
      '{ name: cold }, { name: hot, at: 20 }',
      'tier `cold` has no `at` and no `top`, so no tier below it is ever reached',
    ],
    ['{ name: "a;b" }', 'no semicolon'],
    ['{ name: " a" }', 'no space at its ends'],
  ])('[%s] are refused', (text, message) => {
    expect(tiers(text)).toEqual([expect.stringContaining(message)]);
  });

  test('may go below zero, have labels, and end without a threshold', () => {
    expect(tiers('{ name: hot, at: 0.5, label: Very hot }, { name: ok, at: -20 }, { name: Not yet }')).toEqual([]);
  });

  test('of parameters are compared with nothing', () => {
    expect(
      card(
        `params: { t: { type: integer } }\n${oneRule}\ntiers: [{ name: a, at: 5 }, { name: b, at: "{{ param('t') }}" }]`,
      ),
    ).toEqual([]);
  });
});

describe('parameters in settings', () => {
  const setting = (params: string, text: string) =>
    card(`params: ${params}\nrules: [{ id: a, points: 1, events: t, at: x, ${text} }]`);

  test('must exist', () => {
    expect(setting('{}', `within: "{{ param('half_lif') }}"`)).toEqual([
      '4:56 unknown parameter `half_lif` | Did you mean `half_life`?',
    ]);
    expect(setting('{}', `decay: { every: 3d, by: "{{ param('x') }}" }`)[0]).toContain('unknown parameter `x`');
  });

  test('must fit: durations where time is meant, numbers elsewhere', () => {
    expect(setting('{}', `limit: "{{ param('half_life') }}"`)).toEqual([
      '4:55 parameter `half_life` is of type duration: expected integer or number here',
    ]);
    expect(setting('{ cap: { type: number } }', `within: "{{ param('cap') }}"`)).toEqual([
      '4:56 parameter `cap` is of type number: expected duration here',
    ]);
    expect(setting('{}', `within: "{{ param('as_of') }}"`)).toEqual([
      '4:56 parameter `as_of` is of type timestamp: expected duration here',
    ]);
  });

  test('take the type that the model declares before that of the project', () => {
    expect(setting('{ half_life: { type: integer, default: 3 } }', `limit: "{{ param('half_life') }}"`)).toEqual([
      'config/scoreline.yml:15:22 parameter `half_life` is 14d: expected a whole number, as model `card` declares it',
    ]);
  });
});

describe('parameters', () => {
  const declare = (text: string) => lines({ 'models/logins.yml': `sql: sql/logins.sql\nparams: { p: { ${text} } }` });

  test.each([
    ['type: integer, default: 1.5', 'is 1.5: expected a whole number, as its type is integer'],
    ['type: integer, default: "5"', 'is "5": expected a whole number, as its type is integer'],
    ['type: number, default: x', 'is x: expected a number, as its type is number'],
    ['type: boolean, default: yes', 'is yes: expected true or false, as its type is boolean'],
    ['type: string, default: 5', 'is 5: expected text, as its type is string'],
    ['type: date, default: 2026-02-30', 'is 2026-02-30: expected a date such as 2026-01-31, as its type is date'],
    ['type: duration, default: 3', 'is 3: expected a duration such as 14d, as its type is duration'],
    ['type: timestamp, default: noon', 'is noon: expected a time such as'],
    ['type: string_list, default: a', 'is a: expected a list of texts, as its type is string_list'],
    ['type: string, default: [a]', 'is a list: expected text, as its type is string'],
  ])('%s do not fit', (text, message) => {
    expect(declare(text)).toEqual([expect.stringContaining(`models/logins.yml:2:`)]);
    expect(declare(text)[0]).toContain(`the default of parameter \`p\` ${message}`);
  });

  test('are called `as_of` by nobody', () => {
    expect(lines({ 'models/logins.yml': 'sql: sql/logins.sql\nparams: { as_of: { type: date } }' })).toEqual([
      'models/logins.yml:2:11 `as_of` is reserved: every model has it, and it is the instant of the run | Remove the line.',
    ]);
  });

  test('of a target exist somewhere and fit', () => {
    const config = (params: string) => ({
      'config/scoreline.yml': `version: 1
project: x
entities: { lead: { relation: "{{ ref('leads') }}", key: lead_id } }
params: { half_life: 14d }
targets: { t: { warehouse: { type: duckdb, path: x.db }, hubspot: { sandbox: true }, params: ${params} } }`,
      'models/logins.yml': 'sql: sql/logins.sql\nparams: { seats: { type: integer } }',
    });
    expect(lines(config('{ half_life: 7d, seats: 3 }'))).toEqual([]);
    expect(lines(config('{ haf_life: 7d }'))).toEqual([
      'config/scoreline.yml:5:96 unknown parameter `haf_life` | Did you mean `half_life`?',
    ]);
    expect(lines(config('{ seats: many }'))).toEqual([
      'config/scoreline.yml:5:103 parameter `seats` is many: expected a whole number, as model `logins` declares it',
    ]);
  });
});

describe('an entity', () => {
  test('that a model names exists', () => {
    expect(lines({ 'models/hot_leads.yml': 'kind: audience\nentity: led\nfrom: lead_score' })).toEqual([
      'models/hot_leads.yml:2:9 unknown entity `led` | Did you mean `lead`?',
    ]);
    expect(card('rules: [{ id: a, when: x, points: 1 }]')).toEqual([]);
    expect(
      lines({ 'models/card.yml': 'kind: scorecard\nentity: leed\nrules: [{ id: a, when: x, points: 1 }]' }),
    ).toEqual(['models/card.yml:2:9 unknown entity `leed` | Did you mean `lead`?']);
  });

  test('lives in a model with one row for each key', () => {
    expect(lines({ 'models/leads.yml': 'sql: sql/leads.sql' })).toEqual([
      'models/leads.yml:1:1 model `leads` is where entity `lead` lives, and it has no `key`: expected `key: [lead_id]`',
    ]);
    expect(lines({ 'models/leads.yml': 'sql: sql/leads.sql\nkey: [lead_id, email]' })).toEqual([
      'models/leads.yml:2:6 model `leads` is where entity `lead` lives, and its `key` is [lead_id, email]: expected `key: [lead_id]`',
    ]);
  });

  test.each(['score', 'tier', 'reasons', 'points__a'])('with the key %s cannot be scored', (key) => {
    const config = `version: 1\nproject: x\nentities: { lead: { relation: r, key: ${key} } }\nparams: { half_life: 1d }\ntargets: { t: { warehouse: { type: duckdb, path: x.db }, hubspot: { sandbox: true } } }`;
    expect(lines({ 'config/scoreline.yml': config, 'models/logins.yml': 'sql: sql/logins.sql' })).toEqual([
      `models/lead_score.yml:3:9 the key of entity \`lead\` is called \`${key}\`, and so is a column that every scorecard has | Give the key another name in the SQL of its relation.`,
    ]);
  });
});

describe('an audience', () => {
  const audience = (text: string) => lines({ 'models/hot_leads.yml': `kind: audience\nentity: lead\n${text}` });

  test('is taken from a scored model or from SQL, not from both or none', () => {
    expect(audience('from: lead_score\nsql: sql/leads.sql')[0]).toBe(
      'models/hot_leads.yml:4:6 an audience has `from` or `sql`, not both',
    );
    expect(audience('description: x')[0]).toBe(
      'models/hot_leads.yml:1:1 an audience needs `from` (a scored model) or `sql` (a file)',
    );
    expect(audience('sql: sql/leads.sql\nwhere: x')[0]).toBe(
      'models/hot_leads.yml:4:8 `where` goes with `from`: put the condition into the SQL file',
    );
  });

  test('names a model that exists and is scored', () => {
    expect(audience('from: lead_scor')).toEqual([
      'models/hot_leads.yml:3:7 unknown model `lead_scor` | Did you mean `lead_score`?',
    ]);
    expect(audience('from: leads')).toEqual([
      expect.stringContaining(
        '`from` names `leads`, a model of kind sql: expected a scored model (kind scorecard or combine)',
      ),
    ]);
  });
});

describe('tests', () => {
  const model = (text: string) => lines({ 'models/logins.yml': `sql: sql/logins.sql\n${text}` });

  test.each([
    ['tests: [{ row_count: {} }]', '2:22 expected `min`, `max` or both'],
    ['tests: [{ row_count: { min: 5, max: 1 } }]', '2:22 min 5 is above max 1'],
    [
      'tests: [{ row_count: { min: -1 } }]',
      '2:29 `tests[0].row_count.min` is -1: expected a whole number of at least 0',
    ],
    ['tests: [{ unique: [] }]', '2:19 `tests[0].unique` is a list: expected at least one column'],
    [
      'tests: [unique]',
      '2:9 `tests[0]` is unique: expected a test of the whole model: unique, not_null, row_count or sql, each with its settings',
    ],
    ['tests: [{}]', '2:9 one entry of `tests` has no test: expected one test in each'],
    [
      'tests: [{ unique: [a], not_null: [a] }]',
      '2:9 one entry of `tests` has `unique` and `not_null`: expected one test in each',
    ],
    ['tests: [{ sql: sql/tests/nothing.sql }]', '2:16 there is no file sql/tests/nothing.sql in the project'],
    [
      'columns: [{ name: a, tests: [uniqe] }]',
      '2:30 `columns[0].tests[0]` is uniqe: expected unique, not_null, accepted_values, between or relationship | Did you mean `unique`?',
    ],
    [
      'columns: [{ name: a, tests: [{ accepted_values: [] }] }]',
      '2:49 `columns[0].tests[0].accepted_values` is a list: expected at least one value',
    ],
    [
      'columns: [{ name: a, tests: [{ between: { min: x } }] }]',
      '2:48 `columns[0].tests[0].between.min` is x: expected a number',
    ],
    ['columns: [{ name: a, tests: [{ between: { min: 2, max: 1 } }] }]', '2:41 min 2 is above max 1'],
    [
      'columns: [{ name: a, tests: [{ relationship: { to: leds, field: x } }] }]',
      '2:52 unknown model `leds` | Did you mean `leads`?',
    ],
    ['columns: [{ name: a }, { name: a }]', '2:32 column `a` stands twice'],
    ['key: [a, b, a]', '2:13 `key` names column `a` twice'],
    ['key: []', '2:6 `key` is a list: expected at least one column'],
  ])('%s is refused', (text, expected) => {
    const found = model(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected.replace(/^\d+:\d+/, ''));
    expect(found[0]?.split(' ')[0]).toBe(`models/logins.yml:${expected.split(' ')[0]}`);
  });
});

test('a model that cannot be read is not unknown to others as well', () => {
  expect(lines({ 'models/lead_score.yml': 'a: [1' })).toEqual([expect.stringContaining('models/lead_score.yml:1')]);
  expect(lines({ 'models/leads.yml': 'sql: sql/leads.sql\nkey: 3' })).toEqual([
    expect.stringContaining('models/leads.yml:2'),
  ]);
});

test('entities and sources of a configuration that cannot be read are not unknown', () => {
  expect(lines({ 'config/scoreline.yml': 'version: [1' })).toEqual([expect.stringContaining('config/scoreline.yml:1')]);
});
