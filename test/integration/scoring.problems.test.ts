import { describe, expect, it } from 'vitest';
import { compileProject } from '../../src/build/compile-project.ts';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { loadProject } from '../../src/project/load-project.ts';
import { duckDbDialect } from '../../src/sql/dialects/duckdb.ts';
import { smallProject, writeProject } from '../support/project-files.ts';

/** `file:line value: message` of each problem in a project with this scorecard. */
function problemsOf(card: string, params: Readonly<Record<string, string>> = {}): readonly string[] {
  const files = { ...smallProject, 'models/lead_score.yml': card, 'syncs/leads_to_hubspot.yml': null };
  const projectDir = writeProject(files);
  try {
    const project = loadProject({ projectDir, env: {} });
    const target = project.targets.get('test');
    if (target === undefined) throw new TypeError('The project has the target `test`');
    const asOf = { instant: '2026-01-31T12:00:00.000Z', day: '2026-01-31' };
    compileProject({ project, target, dialect: duckDbDialect, asOf, params });
    return [];
  } catch (error) {
    if (!(error instanceof ScorelineError)) throw error;
    expect(error.exitCode).toBe(3);
    return error.problems.map(({ file, line, value, message }) => `${file}:${line} ${value}: ${message}`);
  }
}

const card = (text: string) => `kind: scorecard\nentity: lead\n${text}`;
const rule = (text: string) =>
  card(`rules:\n  - { id: logged_in, events: "{{ ref('logins') }}", at: login_at, ${text} }\n`);
const param = (type: string, value: string | number) => `params: { x: { type: ${type}, default: ${value} } }\n`;

describe('a card is refused', () => {
  it.each([
    ['limit', 'points: 1, limit: "{{ param(\'x\') }}"', -3, 'expected a number above 0 with at most 6 decimals'],
    ['max_per_day', 'points: 1, max_per_day: "{{ param(\'x\') }}"', 1.5, 'expected a whole number of at least 1'],
    [
      'share of a decay',
      'points: 1, decay: { every: 30d, by: "{{ param(\'x\') }}" }',
      1.2,
      'expected a share above 0 and of at most 1',
    ],
    ['number of points', 'points: "{{ param(\'x\') }}"', 1e12, 'expected a number of at most 100,000,000,000'],
  ])('for a parameter that is no %s', (_, text, value, expected) => {
    expect(problemsOf(`${rule(text)}${param('number', value)}`)).toEqual([
      `models/lead_score.yml:4 {{ param('x') }}: the parameter \`x\` is ${value}: ${expected}`,
    ]);
  });

  it('for limits and thresholds that contradict each other once parameters are known', () => {
    const text = `${param('number', 50)}range: ["{{ param('x') }}", 20]
groups: { usage: { min: "{{ param('x') }}", max: 10 } }
rules:
  - { id: director, when: "seniority = 'director'", points: 5, group: usage }
tiers:
  - { name: hot, at: 15 }
  - { name: warm, at: "{{ param('x') }}" }
`;
    expect(problemsOf(card(text))).toEqual([
      'models/lead_score.yml:4 [50, 20]: the range begins above its end: expected [lowest, highest]',
      'models/lead_score.yml:5 50: group `usage`: min 50 is above max 10',
      'models/lead_score.yml:10 50: tier `warm` is at 50, and the one above it at 15: expected the highest first',
    ]);
    expect(problemsOf(card(text), { x: '5' })).toEqual([]);
    expect(problemsOf(card(text.replace('at: 15', 'at: 21')), { x: '5' })).toEqual([
      'models/lead_score.yml:9 21: tier `hot` is at 21, and no score is above 20, the end of the range: nobody reaches it',
    ]);
  });

  it.each([3, 0.7, 0.15])('for scores rounded to steps of %d', (round) => {
    expect(problemsOf(`${rule('points: 1')}round: ${round}\n`)).toEqual([
      `models/lead_score.yml:5 ${round}: ${round} is no step that decimals can hold: expected one such as 0.01, 0.5, 1, 5 or 10, or none`,
    ]);
  });

  it('for ages and bands that contradict each other once parameters are known', () => {
    const text = `${param('duration', '4w')}rules:
  - { id: a, events: "{{ ref('logins') }}", at: login_at, between: ["{{ param('x') }}", 7d], points: 1 }
  - id: b
    events: "{{ ref('logins') }}"
    at: login_at
    bands:
      - { at_least: 3, points: 8 }
      - { at_least: 3, points: 9 }
`;
    expect(problemsOf(card(text))).toEqual([
      'models/lead_score.yml:5 [28d, 7d]: no event is at least 28d old and younger than 7d: expected the younger age first',
      'models/lead_score.yml:11 3: another band begins at 3 events, too: expected each band once',
    ]);
    expect(problemsOf(card(text.replace('at_least: 3, points: 9', 'at_least: 4, points: 9')), { x: '6d' })).toEqual([]);
  });

  it('for penalties that are none, and periods of silence in another unit than the window', () => {
    const recover = `recover: { on: "{{ ref('logins') }}", at: login_at }`;
    const text = `${param('number', 5)}rules:
  - { id: a, events: "{{ ref('logins') }}", at: login_at, points: "{{ param('x') }}", ${recover} }
  - { id: b, events: "{{ ref('logins') }}", at: login_at, bands: [{ at_least: 1, points: 2 }], ${recover} }
  - { id: c, no_events: "{{ ref('logins') }}", at: login_at, within: 2w, points: -5, repeat: 36h, limit: 20 }
`;
    expect(problemsOf(card(text))).toEqual([
      'models/lead_score.yml:5 5: `recover` ends a penalty, and points are 5: expected points below 0',
      'models/lead_score.yml:6 2: `recover` ends a penalty, and points are 2: expected points below 0',
      'models/lead_score.yml:7 36h: `repeat: 36h` after `within: 14d`: expected days or weeks, as `within` has',
    ]);
  });

  it('for numbers that no decimal of six places holds', () => {
    const text = 'base: 0.0000001\nrules:\n  - { id: director, when: "true", points: 5, limit: 1.1234567 }\n';
    expect(problemsOf(card(text))).toEqual([
      'models/lead_score.yml:3 1e-7: found 1e-7: expected a number of at most 100,000,000,000 with at most 6 decimals',
      'models/lead_score.yml:5 1.1234567: found 1.1234567: expected a number above 0 with at most 6 decimals',
    ]);
  });

  it('for what its SQL says wrongly, at the place where it stands, all at once', () => {
    const text = `rules:
  - id: logged_in
    events: "{{ ref('logins') }}"
    at: login_at
    where: "device = {{ param('devise') }}"
    points: 1
  - id: team
    points: "now()"
    value: "ln(1 + seats"
`;
    const problems = problemsOf(card(text));
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'models/lead_score.yml:7',
      'models/lead_score.yml:10',
      'models/lead_score.yml:11',
    ]);
  });
});
