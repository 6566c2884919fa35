import type { ScoredModel } from '../project/model-types.ts';
import { resolveParams } from '../project/resolve-params.ts';
import type { ScoringContext } from '../scoring/types.ts';
import { templateScope } from './template-scope.ts';
import type { CompiledProject } from './types.ts';

/** What reading or explaining a compiled scored model takes. Whatever could be reported was reported when it was compiled. */
export function scoringContext(compiled: CompiledProject, model: ScoredModel): ScoringContext {
  const { project, target, dialect, asOf, history, params: overrides } = compiled;
  const { values } = resolveParams({ project, target, model, asOf: asOf.instant, overrides });
  const scope = templateScope({ ...compiled, params: values });
  const modelVersions = new Map([...compiled.models.values()].map((each) => [each.model.name, each.modelVersion]));
  return { project, dialect, asOf, scope, modelVersions, history, report: () => {} };
}
