import type { JudgedPlan } from '../../operations/guard-plans.ts';
import { hasOperations } from '../../sync/plan-types.ts';
import type { Painter } from './painter.ts';
import { type PlanView, renderPlans } from './render-plan.ts';

/** Plans, and below them what guards say. */
export function renderJudged(judged: readonly JudgedPlan[], view: PlanView): string {
  const plans = judged.map(({ plan }) => plan);
  return [renderPlans(plans, view), renderGuards(judged, view.paint)].filter((part) => part !== '').join('\n\n');
}

function renderGuards(judged: readonly JudgedPlan[], paint: Painter): string {
  const lines = judged.flatMap(({ plan, violations, overrides }) =>
    violations.map(({ guard, message }) => {
      const reason = overrides[guard];
      if (reason === undefined) return `  ${paint.bad('stop')}  ${plan.sync}: ${message}`;
      return `  ${paint.warn('let through')}  ${plan.sync}: ${message} (${reason})`;
    }),
  );
  const asks = judged
    .filter(({ plan }) => plan.firstSync && hasOperations(plan))
    .map(
      ({ plan }) =>
        `  ${paint.warn('ask')}  ${plan.sync}: writes to this account for the first time; needs a yes, or --yes`,
    );
  const all = [...lines, ...asks];
  return all.length === 0 ? '' : [paint.strong('Guards'), ...all].join('\n');
}
