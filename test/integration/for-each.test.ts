import { afterEach, describe, expect, test } from 'vitest';
import { OpenProject, projectOf } from '../support/open-project.ts';
import { type ProjectFiles, smallProject } from '../support/project-files.ts';
import { problemLine, problemsWith } from '../support/project-problems.ts';

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.close();
});

/** Two product lines: people use `Web App` and `ios`. */
const productLines: ProjectFiles = {
  'models/usage.yml': `
kind: scorecard
entity: lead
for_each: { product: [Web App, ios] }
description: Use of {{ param('product') }}
rules:
  - id: used
    label: Used {{ param('product') }}
    events: "{{ ref('logins') }}"
    at: login_at
    where: "device = case {{ param('product') }} when 'Web App' then 'web' else {{ param('product') }} end"
    within: 30d
    points: 10
`,
  'models/best.yml': `
kind: combine
entity: lead
for_each: { product: [Web App, ios] }
inputs: { score: lead_score, usage: "usage_{{ param('product') }}" }
score: "score + usage"
`,
  'models/users_of.yml': `
kind: audience
entity: lead
for_each: { product: [Web App, ios] }
from: usage_{{ param('product') }}
where: score > 0
`,
};

async function open(files: ProjectFiles): Promise<OpenProject> {
  const project = await OpenProject.open({ ...smallProject, ...files });
  opened.push(project);
  return project;
}

describe('for_each', () => {
  test('makes a model of each value, with the value as a parameter, in words and in names', async () => {
    const project = await open(productLines);
    await project.build();
    const usage = async (product: string) => {
      const rows = await project.query(
        `select lead_id, score, reasons from scoreline.usage_${product} order by lead_id`,
      );
      return rows.map((row) => [Number(row.lead_id), Number(row.score), row.reasons]);
    };
    expect(await usage('web_app')).toEqual([
      [1, 20, 'Used Web App 2 times in 30 days (+20)'],
      [2, 0, ''],
      [3, 10, 'Used Web App once in 30 days (+10)'],
      [4, 0, ''],
    ]);
    expect((await usage('ios'))[0]).toEqual([1, 10, 'Used ios once in 30 days (+10)']);
    expect(await project.query('select lead_id from scoreline.users_of_ios')).toEqual([{ lead_id: 1 }]);
    const both = await project.query('select points__usage as usage from scoreline.best_web_app where lead_id = 1');
    expect(both.map((row) => Number(row.usage))).toEqual([20]);
    expect(project.compile().models.get('usage_ios')?.model.description).toBe('Use of ios');
  });

  test('makes a model of each combination of several lists', () => {
    const { project } = projectOf({
      ...smallProject,
      'models/usage.yml':
        'kind: scorecard\nentity: lead\nfor_each: { product: [a, b], seats: [5, 50] }\nrules:\n  - { id: big, when: "seats > {{ param(\'seats\') }}", points: "{{ param(\'seats\') }}" }\n',
    });
    const made = [...project.models.keys()].filter((name) => name.startsWith('usage'));
    expect(made).toEqual(['usage_a_5', 'usage_a_50', 'usage_b_5', 'usage_b_50']);
  });

  test('gives values that nothing overrides', async () => {
    const project = await open(productLines);
    const params = { product: 'ios' };
    expect(() => project.compile({ params })).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ message: 'unknown parameter `product`' })] }),
    );
    const ofAnother = await open({
      ...productLines,
      'models/best.yml': null,
      'models/plain.yml': 'params: { product: { type: string, default: x } }\nsql: sql/plain.sql\n',
      'sql/plain.sql': "select {{ param('product') }} as product",
    });
    await ofAnother.build([], { params });
    expect(await ofAnother.query('select product from scoreline.plain')).toEqual([{ product: 'ios' }]);
    expect(await ofAnother.query('select count(*) as n from scoreline.usage_web_app where score > 0')).toEqual([
      { n: 2 },
    ]);
    const inProject = String(smallProject['config/scoreline.yml']).replace(
      'half_life: 14d',
      'half_life: 14d, product: x',
    );
    const other = await open({ ...productLines, 'config/scoreline.yml': inProject });
    await other.build();
    expect(await other.query('select count(*) as n from scoreline.usage_ios where score > 0')).toEqual([{ n: 1 }]);
  });

  test('is refused where names clash or say nothing', () => {
    const lines = (forEach: string, more: ProjectFiles = {}) =>
      problemsWith({
        'models/usage.yml': `kind: scorecard\nentity: lead\nfor_each: ${forEach}\nrules:\n  - { id: a, when: "true", points: 1 }\n`,
        ...more,
      }).map(problemLine);
    const clash =
      'another name | A name is the name of the file and the value, in lower case, with _ for all that is no letter or digit.';
    expect(lines('{ product: [A b, a-b] }')).toEqual([
      `models/usage.yml:3:1 \`for_each\` makes a model \`usage_a_b\`, which models/usage.yml makes too: expected ${clash}`,
    ]);
    const twin = { 'models/usage_a.yml': 'sql: sql/leads.sql\n' };
    expect(lines('{ product: [a] }', twin)).toEqual([
      `models/usage.yml:3:1 \`for_each\` makes a model \`usage_a\`, which models/usage_a.yml makes too: expected ${clash}`,
    ]);
    expect(lines('{ product: [] }')).toEqual([
      'models/usage.yml:3:22 `for_each.product` is a list: expected at least one value',
    ]);
    expect(lines('[a, b]')).toEqual([
      'models/usage.yml:3:11 `for_each` is a list: expected a map of parameters and their values',
    ]);
    expect(lines('{ as_of: [a, b] }')).toEqual([
      'models/usage.yml:3:13 `as_of` is reserved: every model has it, and it is the instant of the run',
    ]);
    expect(lines(`{ product: [${'long'.repeat(20)}] }`)[0]).toContain('expected a name of at most 50');
  });

  test('says once what is wrong with the file of several models', () => {
    const text =
      'kind: scorecard\nentity: leed\nfor_each: { product: [a, b] }\nrules:\n  - { id: a, when: "true", points: 1 }\n';
    expect(problemsWith({ 'models/usage.yml': text }).map(problemLine)).toEqual([
      'models/usage.yml:2:9 unknown entity `leed` | Did you mean `lead`?',
    ]);
  });
});
