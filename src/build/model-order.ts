import type { Problem } from '../errors/scoreline-error.ts';
import type { Model } from '../project/model-types.ts';
import { findReference } from './find-reference.ts';

export interface OrderedModel {
  readonly model: Model;
  readonly dependencies: ReadonlySet<string>;
}

/**
 * Puts models into the order of building: each after those it depends on, and else by name, so that the order is the same
 * on every machine. Dependencies on models that do not exist are left out.
 * @returns the order, and one problem for each circle, at the reference that closes it
 */
export function orderModels<M extends OrderedModel>(
  models: ReadonlyMap<string, M>,
): { readonly order: readonly M[]; readonly problems: readonly Problem[] } {
  const order: M[] = [];
  const problems: Problem[] = [];
  const done = new Set<string>();
  const path: string[] = [];

  const visit = (name: string, ordered: M) => {
    if (done.has(name)) return;
    path.push(name);
    for (const next of [...ordered.dependencies].sort()) {
      const dependency = models.get(next);
      if (dependency === undefined) continue;
      const start = path.indexOf(next);
      if (start < 0) visit(next, dependency);
      else problems.push(cycleProblem([...path.slice(start), next], ordered.model, next));
    }
    path.pop();
    done.add(name);
    order.push(ordered);
  };
  for (const name of [...models.keys()].sort()) {
    const model = models.get(name);
    if (model !== undefined) visit(name, model);
  }
  return { order, problems };
}

function cycleProblem(circle: readonly string[], last: Model, closing: string): Problem {
  const arrows = circle.join(' → ');
  return {
    code: 'MODEL_CYCLE',
    ...findReference(last, closing),
    value: closing,
    message:
      circle.length === 2 ? `${closing} reads itself: ${arrows}` : `models read each other in a circle: ${arrows}`,
    hint: 'Remove one of these references. A test that reads a model counts, since that model has to be there first.',
  };
}
