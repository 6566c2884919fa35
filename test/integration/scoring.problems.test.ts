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
  - { name: hot, at: 40 }
  - { name: warm, at: "{{ param('x') }}" }
`;
    expect(problemsOf(card(text))).toEqual([
      'models/lead_score.yml:4 [50, 20]: the range begins above its end: expected [lowest, highest]',
      'models/lead_score.yml:5 50: group `usage`: min 50 is above max 10',
      'models/lead_score.yml:10 50: tier `warm` is at 50, and the one above it at 40: expected the highest first',
    ]);
    expect(problemsOf(card(text), { x: '5' })).toEqual([]);
  });

  it.each([3, 0.7, 0.15])('for scores rounded to steps of %d', (round) => {
    expect(problemsOf(`${rule('points: 1')}round: ${round}\n`)).toEqual([
      `models/lead_score.yml:5 ${round}: ${round} is no step that decimals can hold: expected one such as 0.01, 0.5, 1, 5 or 10, or none`,
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
