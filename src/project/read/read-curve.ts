import { problemAt } from '../files/problem-at.ts';
import type { Curve } from '../rule-types.ts';
import type { RuleRequest } from './rule-request.ts';

/** @returns null where its keys do not go together; `report` then knows why */
export function readCurve({ shape, path, yaml, report }: RuleRequest): Curve | null {
  const { log, half_at: halfAt } = shape.curve ?? {};
  if (log !== undefined && halfAt === undefined) return { kind: 'log', factor: log };
  if (halfAt !== undefined && log === undefined) return { kind: 'half_at', at: halfAt };
  const message = `curve of rule \`${shape.id}\`: expected one of { log: 10 } or { half_at: 20 }`;
  report(problemAt(yaml, [...path, 'curve'], { code: 'MODEL_INVALID', message }));
  return null;
}
