import type { Options } from 'yargs';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Overrides } from '../operations/guard-plans.ts';
import { type GuardName, guardNames } from '../sync/guards.ts';

export const overrideOption = {
  type: 'string',
  array: true,
  requiresArg: true,
  describe: 'Let this plan through a guard, as guard="reason"; the reason is kept; may be repeated',
} as const satisfies Options;

/** @throws USAGE_INVALID for what is not `guard=reason`, an unknown guard, one given twice, and an empty reason */
export function parseOverrides(written: readonly string[] | undefined): Overrides {
  const overrides = new Map<GuardName, string>();
  for (const text of written ?? []) {
    const at = text.indexOf('=');
    const name = guardNames.find((guard) => guard === text.slice(0, at));
    const reason = text.slice(at + 1).trim();
    if (at < 1 || reason === '') throw refused(`--override "${text}" gives no reason`);
    if (name === undefined) throw refused(`--override names no guard "${text.slice(0, at)}"`);
    if (overrides.has(name)) throw refused(`--override ${name} is given twice`);
    overrides.set(name, reason);
  }
  return overrides;
}

function refused(message: string): ScorelineError {
  return new ScorelineError('USAGE_INVALID', message, {
    hint: `Example: --override max_changed="new scores". Guards: ${guardNames.join(', ')}.`,
  });
}
