import type { z } from 'zod';
import { problemAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { Decay } from '../rule-types.ts';
import type { decay } from '../shapes/rule-schema.ts';

export interface DecayRequest {
  readonly shape: z.output<typeof decay>;
  /** The rule's id. */
  readonly rule: string;
  readonly path: YamlPath;
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}

/** @returns null where its keys do not go together; `report` then knows why */
export function readDecay({ shape, rule, path, yaml, report }: DecayRequest): Decay | null {
  const { half_life: halfLife, linear, every, by } = shape;
  const ways = [halfLife, linear, every ?? by].filter((way) => way !== undefined);
  if (ways.length === 1) {
    if (halfLife !== undefined) return { kind: 'half_life', halfLife };
    if (linear !== undefined) return { kind: 'linear', to: linear };
    if (every !== undefined && by !== undefined) return { kind: 'step', every, by };
  }
  const message = `decay of rule \`${rule}\`: expected one of { half_life: 14d }, { linear: 60d } or { every: 30d, by: 50% }`;
  report(problemAt(yaml, path, { code: 'MODEL_INVALID', message }));
  return null;
}
