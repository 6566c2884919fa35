import { didYouMean } from '../../errors/did-you-mean.ts';
import type { YamlFile } from '../files/yaml-file.ts';
import type { CombineModel, Grade } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { NumberSetting } from '../setting-types.ts';
import type { CombineShape } from '../shapes/model-schema.ts';
import type { ModelBase } from './model-request.ts';
import { modelNameIn, type Refuse, readScored, refuseIn } from './read-scored.ts';

export interface CombineRequest {
  readonly shape: CombineShape;
  readonly base: ModelBase;
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}

export function readCombine({ shape, base, yaml, report }: CombineRequest): CombineModel {
  const refuse = refuseIn(yaml, report);
  const inputs = Object.entries(shape.inputs).map(([name, written]) => ({ name, model: modelNameIn(written) }));
  if (inputs.length === 0) refuse(['inputs'], '`inputs` is empty: expected at least one scored model');
  const grade = shape.grade === undefined ? undefined : readGrade(shape.grade, inputs, refuse);
  return { ...base, ...readScored(shape, refuse), kind: 'combine', inputs, score: shape.score, grade };
}

type GradeShape = NonNullable<CombineShape['grade']>;

function readGrade(shape: GradeShape, inputs: CombineModel['inputs'], refuse: Refuse): Grade | undefined {
  const known = inputs.map(({ name }) => name);
  for (const [input, thresholds] of Object.entries(shape)) {
    if (!known.includes(input)) refuse(['grade', input], `unknown input \`${input}\``, didYouMean(input, known));
    checkThresholds(input, thresholds, refuse);
  }
  const [letter, digit, ...more] = Object.entries(shape).map(([input, thresholds]) => ({ input, thresholds }));
  if (letter === undefined || digit === undefined || more.length > 0) {
    const found = Object.keys(shape).length;
    const message = `\`grade\` names ${found} input${found === 1 ? '' : 's'}: expected two, the first for the letter and the second for the digit`;
    refuse(['grade'], message, 'For letters of one score alone, give the model `tiers` of these names.');
    return undefined;
  }
  return { letter, digit };
}

function checkThresholds(input: string, thresholds: readonly NumberSetting[], refuse: Refuse): void {
  thresholds.forEach((at, index) => {
    const above = thresholds[index - 1];
    if (typeof at !== 'number' || typeof above !== 'number' || at < above) return;
    const message = `the thresholds of \`${input}\` go from ${above} to ${at}: expected the highest first, each lower than the one before`;
    refuse(['grade', input, index], message);
  });
}
