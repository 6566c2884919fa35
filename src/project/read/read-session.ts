import { problemAt } from '../files/problem-at.ts';
import type { Session } from '../rule-types.ts';
import type { RuleRequest } from './rule-request.ts';

/** @returns null where its keys do not go together; `report` then knows why */
export function readSession({ shape, path, yaml, report }: RuleRequest): Session | null {
  const { by: column, gap, measure, at_least: atLeast } = shape.session ?? {};
  const refuse = (message: string) => {
    const text = `session of rule \`${shape.id}\`: ${message}`;
    report(problemAt(yaml, [...path, 'session'], { code: 'MODEL_INVALID', message: text }));
    return null;
  };
  const by: Session['by'] | null =
    column !== undefined && gap === undefined
      ? { kind: 'column', column }
      : gap !== undefined && column === undefined
        ? { kind: 'gap', gap }
        : null;
  if (by === null) return refuse('expected one of { by: session_id } or { gap: 30m }');
  if (measure === undefined && atLeast === undefined) return { by };
  if (measure === undefined) return refuse('`at_least` needs `measure`: pages, minutes or count');
  if (atLeast === undefined) return refuse(`\`measure: ${measure}\` needs \`at_least\``);
  return { by, least: { measure, atLeast } };
}
