import { type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import type { State } from '../state/state.ts';
import type { GuardName, Violation } from '../sync/guards.ts';
import { hasOperations, type Plan } from '../sync/plan-types.ts';
import { recordVerdicts } from '../sync/saved-plans.ts';
import type { Workspace } from './workspace.ts';

/** Guard → the reason why a plan is let through all the same. */
export type Overrides = ReadonlyMap<GuardName, string>;

/** Puts a question to a person: `nobody` where none is there to answer. */
export type Confirm = (question: string) => Promise<'yes' | 'no' | 'nobody'>;

/** A plan with what its guards say. */
export interface JudgedPlan {
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  /** Those of the violations that were let through, with the reason. */
  readonly overrides: Readonly<Partial<Record<GuardName, string>>>;
}

/**
 * Lets plans through the guards that are overridden, and keeps in the state what guards said and why.
 * @param found plans with what guards say, and what was let through before
 */
export async function judgePlans(
  { workspace, state }: { readonly workspace: Workspace; readonly state: State },
  found: readonly JudgedPlan[],
  overrides: Overrides,
): Promise<readonly JudgedPlan[]> {
  const judged = found.map(({ plan, violations, overrides: before }): JudgedPlan => {
    const broken = new Set(violations.map(({ guard }) => guard));
    const letThrough = [...overrides].filter(([guard]) => broken.has(guard));
    for (const [guard, reason] of letThrough) {
      workspace.report({
        level: 'warn',
        event: 'guard_overridden',
        sync: plan.sync,
        message: `${plan.sync}: ${guard} is overridden: ${reason}`,
        figures: { guard, reason },
      });
    }
    return { plan, violations, overrides: { ...before, ...Object.fromEntries(letThrough) } };
  });
  const verdicts = judged.flatMap(({ plan: { planId }, violations, overrides: reasons }) =>
    violations.length === 0 ? [] : [{ planId, violations, overrides: reasons }],
  );
  if (verdicts.length > 0) await recordVerdicts(state, verdicts, workspace.signal);
  return judged;
}

/** All violations that nobody let through, as one error; undefined where there are none. */
export function guardError({ project }: Workspace, judged: readonly JudgedPlan[]): ScorelineError | undefined {
  const broken = judged.flatMap(({ plan, violations, overrides }) =>
    violations
      .filter(({ guard }) => overrides[guard] === undefined)
      .map((violation) => ({ sync: plan.sync, plan_id: plan.planId, ...violation })),
  );
  const [first] = broken;
  if (first === undefined) return undefined;
  const problems = broken.map(({ sync, guard, message }): Problem => {
    const file = project.syncs.get(sync)?.file;
    return {
      code: 'GUARD_VIOLATED',
      file: file?.path ?? `plan of ${sync}`,
      ...file?.locate(['guards', guard]),
      message,
    };
  });
  const syncs = [...new Set(broken.map(({ sync }) => sync))].join(', ');
  const limits = broken.length === 1 ? 'a limit' : `${broken.length} limits`;
  const guard = [...new Set(broken.map((each) => `--override ${each.guard}="<reason>"`))].join(' ');
  return new ScorelineError('GUARD_VIOLATED', `The plan of ${syncs} goes above ${limits}; nothing was written`, {
    hint: `Look at \`scoreline plan\`. If it is right, let this plan through with \`${guard}\`, or change \`guards\` in the sync.`,
    problems,
    details: { violations: broken },
  });
}

/** @throws GUARD_VIOLATED with every violation that nobody let through */
export function stopAtGuards(workspace: Workspace, judged: readonly JudgedPlan[]): void {
  const error = guardError(workspace, judged);
  if (error !== undefined) throw error;
}

/**
 * Asks before a sync writes to an account for the first time.
 * @throws GUARD_FIRST_SYNC where the answer is no, or nobody is there to give one
 */
export async function askBeforeFirstSync(plans: readonly Plan[], confirm: Confirm): Promise<void> {
  for (const plan of plans.filter((each) => each.firstSync && hasOperations(each))) {
    const first = `${plan.sync} writes to HubSpot account ${plan.portal.portalId} (${plan.portal.accountType}) for the first time`;
    const answer = await confirm(`${first}: ${describeOperations(plan)}. Go on?`);
    if (answer === 'yes') continue;
    throw answer === 'no'
      ? new ScorelineError('GUARD_FIRST_SYNC', `${first}, and the answer was no; nothing was written`, {
          hint: 'Change the sync or its model, look at `scoreline plan`, and run again.',
        })
      : new ScorelineError('GUARD_FIRST_SYNC', `${first}, and nobody is there to be asked; nothing was written`, {
          hint: 'Look at `scoreline plan`; if it is right, run once with --yes. Later runs need it no more.',
        });
  }
}

function describeOperations({ rows, schema, lists }: Plan): string {
  const { creates, updates, clears, rejected } = rows;
  const made = lists.filter(({ listId }) => listId === null).length;
  const adds = lists.reduce((sum, list) => sum + list.adds, 0);
  const parts: [number, string, string][] = [
    [creates, 'record to create', 'records to create'],
    [updates, 'record to update', 'records to update'],
    [clears, 'record to clear', 'records to clear'],
    [rejected, 'of them refused while planning', 'of them refused while planning'],
    [schema.properties.length, 'property to make', 'properties to make'],
    [made, 'list to make', 'lists to make'],
    [adds, 'member to add', 'members to add'],
  ];
  const shown = parts.filter(([count]) => count > 0);
  return shown.map(([count, one, many]) => `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`).join(', ');
}
