import { didYouMean } from '../../errors/did-you-mean.ts';
import { problemAt } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ReasonTemplate } from '../rule-types.ts';
import type { RuleShape } from '../shapes/rule-schema.ts';

interface ReasonRequest {
  readonly reason: NonNullable<RuleShape['reason']>;
  readonly path: YamlPath;
  /** What may stand in braces. */
  readonly places: readonly string[];
  readonly yaml: YamlFile;
  readonly code: 'MODEL_INVALID' | 'CONFIG_INVALID';
  readonly report: ProblemSink;
}

/** @returns null where a template has a place that nothing fills, or forms for numbers that are none; `report` then knows */
export function readReason({ reason, path, places, yaml, code, report }: ReasonRequest): ReasonTemplate | null {
  if (typeof reason === 'object' && !places.includes('count')) {
    const message = 'only rules on events have one event or many: expected one text';
    report(problemAt(yaml, path, { code, message }));
    return null;
  }
  const texts = typeof reason === 'string' ? [{ text: reason, at: path }] : textsOf(reason, path);
  const unknown = texts.flatMap(({ text, at }) =>
    [...text.matchAll(/\{([^{}]*)\}/g)].flatMap(([, place = '']) => (places.includes(place) ? [] : [{ place, at }])),
  );
  for (const { place, at } of unknown) {
    const known = places.map((each) => `{${each}}`).join(', ');
    const message = `nothing stands for \`{${place}}\` in this reason: expected ${known}`;
    report(problemAt(yaml, at, { code, message, hint: didYouMean(place, places) }));
  }
  if (unknown.length > 0) return null;
  return typeof reason === 'string' ? { one: reason, many: reason } : reason;
}

function textsOf({ one, many }: ReasonTemplate, path: YamlPath) {
  return [
    { text: one, at: [...path, 'one'] },
    { text: many, at: [...path, 'many'] },
  ];
}

/** Only events have a number, and only what has a window has one to name. */
export function reasonPlaces(shape: RuleShape): readonly string[] {
  const counts = shape.events === undefined ? [] : ['count'];
  return ['label', ...counts, ...(shape.within === undefined ? [] : ['window'])];
}
