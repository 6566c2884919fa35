import { sql } from 'kysely';
import { calendarDay } from '../../project/instant.ts';
import type { UnitTest } from '../../project/model-types.ts';
import { compileProject } from '../compile-project.ts';
import { noHistory } from '../history-tables.ts';
import { liveRelationOf, relationFragment } from '../template-scope.ts';
import type { CompiledProject, ModelRelation } from '../types.ts';
import { givenName } from './give-inputs.ts';
import { historyName, type TestInputs } from './test-inputs.ts';

/** The project with the test's instant and parameters, in which the model's inputs are the given rows. */
export function compileUnitTest(compiled: CompiledProject, test: UnitTest, { models }: TestInputs): CompiledProject {
  const { project, target, dialect } = compiled;
  const given = (name: string): ModelRelation => ({ kind: 'given', name: givenName(name) });
  const live = liveRelationOf(target);
  const instant = test.asOf ?? compiled.asOf.instant;
  const hasHistory = test.given.some(({ relation }) => relation.kind === 'history');
  return compileProject({
    project,
    // The command line's parameters do not count, so that a test says the same whoever runs it.
    target: { ...target, params: { ...target.params, ...test.params } },
    params: {},
    dialect,
    asOf: { instant, day: calendarDay(instant, project.timezone) },
    relationOf: (model) => (models.has(model.name) ? given(model.name) : live(model)),
    sourceOf: (source, table) => relationFragment(dialect, given(`${source.name}.${table.name}`)),
    history: hasHistory ? sql`${sql.id(givenName(historyName))}` : noHistory(dialect),
  });
}
