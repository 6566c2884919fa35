import type { Fragment } from '../types.ts';
import type { CallContext } from './call-context.ts';
import type { TemplateCall } from './template-calls.ts';

/** The run's instant as a bind; null, and reported, where the scope has none. Using it is using the parameter `as_of`. */
export function runInstant({ dialect, scope, results, report }: CallContext, call: TemplateCall): Fragment | null {
  const asOf = scope.param('as_of');
  if (asOf === null || typeof asOf.value !== 'string') {
    report(call, `${call.name} counts from \`as_of\`, which is not known here`);
    return null;
  }
  results.params.add('as_of');
  return dialect.bind({ kind: 'timestamp' }, asOf.value);
}
