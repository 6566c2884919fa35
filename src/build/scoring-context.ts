import { resolveParams } from '../project/resolve-params.ts';
import type { ScorecardModel } from '../project/types.ts';
import type { ScoringContext } from '../scoring/types.ts';
import { templateScope } from './template-scope.ts';
import type { CompiledProject } from './types.ts';

/** What reading or explaining a compiled scorecard takes. Whatever could be reported was reported when it was compiled. */
export function scoringContext(compiled: CompiledProject, model: ScorecardModel): ScoringContext {
  const { project, target, dialect, asOf, params: overrides } = compiled;
  const { values } = resolveParams({ project, target, model, asOf: asOf.instant, overrides });
  const scope = templateScope({ ...compiled, params: values });
  return { project, dialect, asOf, scope, modelVersions: new Map(), report: () => {} };
}
