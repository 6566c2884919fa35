import { type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import { isScored } from '../project/scored-model.ts';
import type { BuiltModel } from './build-event.ts';
import { stagedName } from './staging.ts';
import { failureMessage } from './test-message.ts';
import type { TestFinding } from './test-statement.ts';
import type { CompiledModel } from './types.ts';

/** Why a model was not built. */
export type FailedModel =
  | { readonly kind: 'failed'; readonly model: CompiledModel; readonly findings: readonly TestFinding[] }
  | { readonly kind: 'refused'; readonly model: CompiledModel; readonly error: ScorelineError }
  /** It reads one that was not built. */
  | { readonly kind: 'skipped'; readonly model: CompiledModel };

/**
 * The one error of a build in which models failed: what was wrong with each, what was left out because of them, and what
 * was built nevertheless. Its code is that of the first failure.
 */
export function buildError(failures: readonly FailedModel[], built: readonly BuiltModel[]): ScorelineError {
  const problems = failures.flatMap(problemsOf);
  const wrong = failures.filter((failure) => failure.kind !== 'skipped');
  const [first] = wrong;
  if (first === undefined) throw new RangeError('A build without failures is no error');
  const skipped = failures.filter((failure) => failure.kind === 'skipped').map(nameOf);
  const builtNames = built.map(({ model }) => model);
  const sentences = [
    wrong.length === 1 ? sentenceOf(first) : `${wrong.length} models were not built: ${wrong.map(nameOf).join(', ')}.`,
    skipped.length === 0 ? '' : `Not built either, as they read it: ${skipped.join(', ')}.`,
    builtNames.length === 0 ? '' : `Built, and they stay: ${builtNames.join(', ')}.`,
  ];
  const refused = wrong.flatMap((failure) => (failure.kind === 'refused' ? [failure.error] : []));
  return new ScorelineError(
    first.kind === 'failed' ? 'GUARD_TEST_FAILED' : 'WAREHOUSE_REFUSED',
    sentences.filter(Boolean).join(' '),
    {
      hint: first.kind === 'failed' ? lookAt(first.model) : first.error.hint,
      retryable: refused.length === wrong.length && refused.every((error) => error.retryable),
      problems,
      details: { built: builtNames, failed: wrong.map(nameOf), skipped },
      cause: refused[0],
    },
  );
}

function nameOf({ model }: FailedModel): string {
  return model.model.name;
}

/** In short; the problems say why, each at its place. */
function sentenceOf(failure: Exclude<FailedModel, { kind: 'skipped' }>): string {
  if (failure.kind === 'refused') return `Cannot build ${nameOf(failure)}: the warehouse refused it.`;
  const [first, ...more] = failure.findings.map(failureMessage);
  const why = more.length === 0 ? `a test: ${first}` : `${more.length + 1} tests`;
  return `\`${nameOf(failure)}\` did not pass ${why}.`;
}

function problemsOf(failure: FailedModel): readonly Problem[] {
  switch (failure.kind) {
    case 'failed':
      return failure.findings.map((finding) => testProblem(failure.model, finding));
    case 'refused': {
      const { model, error } = failure;
      if (error.problems.length > 0) return error.problems;
      const { file, line } = model.origin;
      return [
        { code: 'WAREHOUSE_REFUSED', file, line, value: nameOf(failure), message: error.message, hint: error.hint },
      ];
    }
    case 'skipped':
      return [];
    default:
      return failure satisfies never;
  }
}

function testProblem({ model }: CompiledModel, finding: TestFinding): Problem {
  const { test, isPrimaryKey, weights } = finding.test;
  return {
    code: 'GUARD_TEST_FAILED',
    file: model.file.path,
    ...model.file.locate(test.path),
    value: finding.example ?? undefined,
    message: failureMessage(finding),
    hint:
      isPrimaryKey && isScored(model)
        ? `The relation of entity \`${model.entity}\` must have one row per key, and no row without one.`
        : weights?.hint,
  };
}

function lookAt({ relation, materialize }: CompiledModel): string {
  const fix = 'Fix the data, the SQL or the test, and build again; the live table is as it was.';
  if (relation.kind !== 'relation' || materialize !== 'table') return fix;
  const { schema, name } = stagedName(relation.name);
  return `${fix} Until then the rows that did not pass are in ${schema}.${name}.`;
}
