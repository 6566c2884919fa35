import { didYouMean } from '../../errors/did-you-mean.ts';
import type { Problem } from '../../errors/scoreline-error.ts';
import type { TestInput, UnitTest } from '../../project/model-types.ts';
import { isScored } from '../../project/scored-model.ts';
import type { CompiledModel, CompiledProject } from '../types.ts';

/** What a model under test reads from outside: every one of these is replaced by rows of the test, or by none. */
export interface TestInputs {
  readonly models: ReadonlySet<string>;
  /** `source.table` */
  readonly sources: ReadonlySet<string>;
  /** The model, and the inline models that run with it. */
  readonly running: readonly CompiledModel[];
}

/** An inline model is a part of the model, and is computed from its own inputs, unless the test gives its rows. */
export function inputsOf(compiled: CompiledProject, model: CompiledModel, given: ReadonlySet<string>): TestInputs {
  const models = new Set<string>();
  const sources = new Set<string>();
  const running = new Set<CompiledModel>();
  const visit = (each: CompiledModel) => {
    if (running.has(each)) return;
    running.add(each);
    for (const source of each.sources) sources.add(source);
    for (const ref of each.refs) {
      const read = compiled.models.get(ref);
      if (read?.materialize === 'inline' && !given.has(ref)) visit(read);
      else models.add(ref);
    }
  };
  visit(model);
  return { models, sources, running: [...running] };
}

/** No model may be called like that. */
export const historyName = 'score_history';

/** `leads`, `app.logins` */
export function inputName(relation: TestInput['relation']): string {
  switch (relation.kind) {
    case 'ref':
      return relation.model;
    case 'source':
      return `${relation.source}.${relation.table}`;
    case 'history':
      return historyName;
    default:
      return relation satisfies never;
  }
}

/** Inputs that the model does not read, and an instant that is missing. */
export function inputProblems(test: UnitTest, { models, sources, running }: TestInputs): readonly Problem[] {
  const known = [...models, ...sources, ...running.slice(1).map(({ model }) => model.name)];
  const unread = test.given.flatMap(({ relation, path }): readonly Problem[] => {
    const name = inputName(relation);
    const isRead = relation.kind === 'ref' ? models.has(name) : sources.has(name);
    if (isRead || (relation.kind === 'history' && running.some(({ model }) => isScored(model)))) return [];
    const message = `\`${test.model}\` does not read \`${name}\``;
    return [testProblem(test, [...path, 'input'], { value: name, message, hint: didYouMean(name, known) })];
  });
  if (test.asOf !== undefined || !running.some(dependsOnInstant)) return unread;
  const message = `\`as_of\` is missing, and the rows of \`${test.model}\` depend on it: expected a date or a time`;
  return [...unread, testProblem(test, [], { message, hint: 'Write for instance `as_of: 2026-01-31` in the test.' })];
}

function dependsOnInstant({ model, params }: CompiledModel): boolean {
  return params.has('as_of') || (model.kind !== 'sql' && model.kind !== 'audience');
}

/** A problem at a place of a test. @param path in the file; an empty one is the test itself */
export function testProblem(
  { file, path: ofTest }: UnitTest,
  path: readonly (string | number)[],
  problem: Pick<Problem, 'message' | 'hint' | 'value'>,
): Problem {
  return { code: 'MODEL_INVALID', file: file.path, ...file.locate(path.length === 0 ? ofTest : path), ...problem };
}
