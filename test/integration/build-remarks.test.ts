import { afterEach, describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../src/build/build-event.ts';
import { scoreline } from '../support/command-line.ts';
import { OpenProject } from '../support/open-project.ts';
import { smallProject, writeProject } from '../support/project-files.ts';

const opened: OpenProject[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.close();
});

const card = (rules: string, more = '') => ({
  ...smallProject,
  'syncs/leads_to_hubspot.yml': null,
  'models/lead_score.yml': `kind: scorecard\nentity: lead\n${more}rules:\n${rules}`,
});

/** What a build says of the card, as of 1 February 2026: four leads, three of whom logged in, one of them three times. */
async function remarksOn(rules: string, more = ''): Promise<readonly string[]> {
  const project = await OpenProject.open(card(rules, more));
  opened.push(project);
  const remarks: string[] = [];
  const onEvent = (event: BuildEvent) => {
    if (event.kind === 'model_remark') remarks.push(`${event.model}: ${event.message}`);
  };
  await project.build([], { onEvent });
  return remarks;
}

const logins = `events: "{{ ref('logins') }}", at: login_at`;

describe('a build says of a scorecard', () => {
  test('which rules never fire', async () => {
    const rules = `  - { id: tablet, ${logins}, where: "device = 'tablet'", points: 5 }
  - { id: web, ${logins}, where: "device = 'web'", points: 5 }
`;
    expect(await remarksOn(rules)).toEqual(['lead_score: rule `tablet` never fires: it gives points to 0 of 4 rows']);
  });

  test('which limits of rules and groups always bind', async () => {
    const rules = `  - { id: a, ${logins}, points: 10, limit: 8 }
  - { id: b, ${logins}, points: 10, limit: 11 }
  - { id: once, ${logins}, count: once, points: 10, limit: 10 }
  - { id: c, value: seats, points: 1, group: firm }
  - { id: d, ${logins}, points: -10, group: losses }
`;
    expect(await remarksOn(rules, 'groups: { firm: { max: 2 }, losses: { min: -20 } }\n')).toEqual([
      'lead_score: the limit of 8 of rule `a` always binds: all 3 rows with points from it have just that',
      'lead_score: the max of 2 of group `firm` always binds: all 3 rows with such points have just that',
    ]);
  });

  test('which rule carries most of all points', async () => {
    const rules = `  - { id: a, ${logins}, points: 1 }
  - { id: b, ${logins}, points: -1 }
  - { id: seats, value: seats, points: 1 }
`;
    expect(await remarksOn(rules)).toEqual([
      'lead_score: rule `seats` carries 96 % of all points of the card: the others hardly matter',
    ]);
  });

  test('nothing where all is well, and nothing of an empty table', async () => {
    const rules = `  - { id: a, ${logins}, points: 10, limit: 20 }\n`;
    expect(await remarksOn(rules)).toEqual([]);
    const nobody = `${smallProject['sql/leads.sql']}where false\n`;
    const project = await OpenProject.open({ ...card(rules), 'sql/leads.sql': nobody });
    opened.push(project);
    const events: BuildEvent[] = [];
    await project.build([], { onEvent: (event) => events.push(event) });
    expect(events.filter(({ kind }) => kind === 'model_remark')).toEqual([]);
  });

  test('and the command has it among its warnings', async () => {
    const dir = writeProject(card('  - { id: nobody, when: "false", points: 5 }\n'));
    const { exitCode, out, err } = await scoreline(dir, 'build --output json');
    expect(exitCode).toBe(0);
    const message = 'lead_score: rule `nobody` never fires: it gives points to 0 of 4 rows';
    expect(JSON.parse(out)).toMatchObject({ warnings: [message] });
    expect(err).toContain(message);
  });
});
