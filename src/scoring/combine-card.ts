import { entityPath } from '../project/entity-path.ts';
import type { CombineModel, GradeAxis } from '../project/model-types.ts';
import { isScored } from '../project/scored-model.ts';
import type { Expression, Relation, ScoredCard } from './card.ts';
import { checkRange, checkTiersAndRound } from './check-scored-card.ts';
import { readScoredCard } from './read-scored-card.ts';
import { numberKinds, SettingReader } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';

/** A `combine` as it is compiled. */
export interface CombineCard extends ScoredCard {
  readonly inputs: readonly CardInput[];
  /** SQL over the inputs' names. */
  readonly expression: Expression;
  readonly grade: { readonly letter: CardAxis; readonly digit: CardAxis } | null;
}

export interface CardInput {
  readonly name: string;
  /** Its table. */
  readonly scores: Relation;
  readonly entity: string;
  /** The key column of the input's entity, as it stands in the table. */
  readonly key: string;
  /** The column of the combined entity's row with that key; null where the entity is the same. */
  readonly parentColumn: string | null;
}

export interface CardAxis {
  readonly input: string;
  /** The highest first. */
  readonly thresholds: readonly number[];
}

export interface ReadCombine {
  readonly card: CombineCard;
  readonly refs: ReadonlySet<string>;
}

/** @returns a card that can be compiled; if problems were reported, one that only lets the search for more go on */
export function readCombine(model: CombineModel, context: ScoringContext): ReadCombine {
  const reader = new SettingReader(model.file, context);
  const ofProject = new SettingReader(context.project.file, context);
  const card: CombineCard = {
    ...readScoredCard(model, { reader, ofProject, context }),
    inputs: model.inputs.map((input) => readInput(input, model, reader, context)),
    expression: reader.expression(['score'], model.score),
    grade:
      model.grade === undefined
        ? null
        : { letter: readAxis(model.grade.letter, reader), digit: readAxis(model.grade.digit, reader) },
  };
  checkRange(card, reader);
  checkTiersAndRound(card, reader);
  return { card, refs: new Set([...reader.refs, ...ofProject.refs]) };
}

/** What it names was checked when the project was read. */
function readInput(
  { name, model: named }: CombineModel['inputs'][number],
  { entity }: CombineModel,
  reader: SettingReader,
  { project }: ScoringContext,
): CardInput {
  const input = project.models.get(named);
  if (input === undefined || !isScored(input)) throw new TypeError(`The input ${name} is no scored model`);
  const [step] = entityPath(project.entities, entity, input.entity) ?? [];
  return {
    name,
    scores: reader.relation(['inputs', name], `{{ ref('${named}') }}`),
    entity: input.entity,
    key: project.entities.get(input.entity)?.key ?? '',
    parentColumn: step?.belonging.kind === 'column' ? step.belonging.column : null,
  };
}

function readAxis({ input, thresholds }: GradeAxis, reader: SettingReader): CardAxis {
  const read = thresholds.flatMap((setting, index) => {
    const at = reader.number(['grade', input, index], setting, numberKinds.decimal);
    return at === undefined ? [] : [at];
  });
  for (const [index, at] of read.entries()) {
    const above = read[index - 1];
    if (above === undefined || at < above) continue;
    const message = `the thresholds of \`${input}\` go from ${above} to ${at}: expected the highest first`;
    reader.report(['grade', input, index], String(at), message);
  }
  return { input, thresholds: read };
}
