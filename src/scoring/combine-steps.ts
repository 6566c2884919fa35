import { sql } from 'kysely';
import { rulePointsColumn } from '../project/scorecard-columns.ts';
import { disqualifiedTier, gradeDigits, gradeLetters } from '../project/scored-model.ts';
import { castTo } from '../sql/cast-to.ts';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { CardAxis, CardInput, CombineCard } from './combine-card.ts';
import { isKey } from './event-steps.ts';
import { decimalLiteral, name, pointsType, textLiteral } from './literals.ts';
import { type StepOptions, score } from './score-steps.ts';
import { entityColumnNames, entityFacts } from './segments.ts';
import { column, type Step } from './select-text.ts';
import { stepNamer } from './step-namer.ts';
import type { ScoringContext } from './types.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface CombineStepsRequest {
  readonly context: ScoringContext;
  readonly modelVersion: string;
  /** Only the entity of this key, as text; not for tiers that are shares of all. */
  readonly onlyKey?: string;
}

export interface CombineSteps {
  /**
   * The last one has a row per entity: `entity_key`, and of each input its score points__, tier__ and reasons__, and with
   * a parent's input its key parent__; `total`, `score`, and what the verdict reads.
   */
  readonly steps: readonly Step[];
  readonly verdict: Verdict;
}

export function combineSteps(card: CombineCard, request: CombineStepsRequest): CombineSteps {
  const { context, modelVersion } = request;
  const { dialect } = context;
  const stepName = stepNamer(card);
  const facts = factsStep(card, request, { dialect, stepName });
  const inputs = inputsStep(card, facts.name, { dialect, stepName });
  const combined: Step = {
    name: stepName('combined'),
    comment: 'The expression over the scores of the inputs; what is no number counts 0.',
    select: {
      // Without the names of the file, which may be those of columns to come, such as `score`.
      columns: [
        ...inputColumns(card).map(name),
        column(sql`coalesce(${total(card, dialect)}, ${decimalLiteral(0, dialect)})`, 'total'),
      ],
      from: sql`(select *, ${sql.join(card.inputs.map(underItsName))} from ${name(inputs.name)}) as inputs`,
    },
  };
  const scores: Step = {
    name: stepName('scores'),
    comment: 'The total within the range, rounded.',
    select: { columns: [sql`*`, column(score(card, dialect), 'score')], from: name(combined.name) },
  };
  const otherGates = card.inputs.map(
    ({ name: input }) => sql`${name(tierColumn(input))} = ${textLiteral(disqualifiedTier, dialect)}`,
  );
  const verdict = verdictOf(card, scores.name, { dialect, stepName, context, modelVersion, otherGates });
  return { steps: [facts, inputs, combined, scores, ...verdict.steps], verdict };
}

export function tierColumn(input: string): string {
  return `tier__${input}`;
}

export function reasonsColumn(input: string): string {
  return `reasons__${input}`;
}

export function parentColumn(input: string): string {
  return `parent__${input}`;
}

function factsStep(card: CombineCard, { onlyKey }: CombineStepsRequest, { dialect, stepName }: StepOptions): Step {
  const key = sql.id(card.key);
  const parents = card.inputs.flatMap((input) =>
    input.parentColumn === null ? [] : [column(sql.id(input.parentColumn), parentColumn(input.name))],
  );
  return {
    name: stepName(`${card.entity}_facts`),
    comment: `One row per ${card.entity}.`,
    select: {
      columns: [column(key, 'entity_key'), ...entityFacts(card, dialect), ...parents],
      from: card.people.fragment,
      where: onlyKey === undefined ? [] : [isKey(key, onlyKey, dialect)],
    },
  };
}

/** Without a row of an input, such as a person's without an account, its score counts 0. */
function inputsStep(card: CombineCard, facts: string, { dialect, stepName }: StepOptions): Step {
  const columns = card.inputs.flatMap(({ name: input }) => {
    const table = name(alias(input));
    const points = sql`coalesce(${castTo(dialect, sql`${table}.score`, pointsType)}, ${decimalLiteral(0, dialect)})`;
    return [
      column(points, rulePointsColumn(input)),
      column(sql`${table}.tier`, tierColumn(input)),
      column(sql`${table}.reasons`, reasonsColumn(input)),
    ];
  });
  const joins = card.inputs.map((input) => {
    const key = input.parentColumn === null ? 'entity_key' : parentColumn(input.name);
    const table = name(alias(input.name));
    return sql`left join ${input.scores.fragment} as ${table} on ${table}.${sql.id(input.key)} = ${name(facts)}.${name(key)}`;
  });
  return {
    name: stepName('input_scores'),
    comment: `One row per ${card.entity}: the score, tier and reasons of each input.`,
    select: {
      columns: [...ownColumns(card).map((each) => sql`${name(facts)}.${name(each)}`), ...columns],
      from: name(facts),
      joins,
    },
  };
}

/** Of the entity, in the step of its inputs. */
function ownColumns(card: CombineCard): readonly string[] {
  const parents = card.inputs.filter((input) => input.parentColumn !== null);
  return ['entity_key', ...entityColumnNames(card), ...parents.map((input) => parentColumn(input.name))];
}

/** All of that step. */
function inputColumns(card: CombineCard): readonly string[] {
  const ofInputs = card.inputs.flatMap(({ name: input }) => [
    rulePointsColumn(input),
    tierColumn(input),
    reasonsColumn(input),
  ]);
  return [...ownColumns(card), ...ofInputs];
}

function alias(input: string): string {
  return `input__${input}`;
}

/** For the expression, which calls the inputs by the names of the file. */
function underItsName({ name: input }: CardInput): Fragment {
  return sql`${name(rulePointsColumn(input))} as ${sql.id(input)}`;
}

function total({ expression }: CombineCard, dialect: Dialect): Fragment {
  return dialect.roundTo(expression.fragment, 18, 6);
}

/** `B2`; null where the model has no grade. */
export function gradeOf({ grade }: CombineCard, dialect: Dialect): Fragment | null {
  if (grade === null) return null;
  const { letter, digit } = grade;
  const first = stepOf(letter, gradeLetters(letter.thresholds.length + 1), dialect);
  const second = stepOf(digit, gradeDigits(digit.thresholds.length + 1), dialect);
  return sql`concat(${first}, ${second})`;
}

function stepOf({ input, thresholds }: CardAxis, names: readonly string[], dialect: Dialect): Fragment {
  const points = name(rulePointsColumn(input));
  const whens = thresholds.map(
    (at, index) =>
      sql`when ${points} >= ${decimalLiteral(at, dialect)} then ${textLiteral(names[index] ?? '', dialect)}`,
  );
  return sql`case ${sql.join(whens, sql.raw(' '))} else ${textLiteral(names.at(-1) ?? '', dialect)} end`;
}

/** What was set by hand and what disqualifies, then the reasons of the inputs in their order. */
export function combinedReasons(card: CombineCard, { words }: Verdict, dialect: Dialect): Fragment {
  const carried = card.inputs.map(({ name: input }) => sql`nullif(${name(reasonsColumn(input))}, '')`);
  return dialect.joinText([...words, ...carried], '; ');
}
