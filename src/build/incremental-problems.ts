import type { Problem } from '../errors/scoreline-error.ts';
import type { Model } from '../project/model-types.ts';
import { parseRelation } from '../project/relation-name.ts';
import { keepsDays } from './day-states.ts';
import { eventRelationsOf, type NamedEvents } from './event-column-problems.ts';
import { findText } from './find-reference.ts';

interface ReadingModel {
  readonly model: Model;
  readonly refs: ReadonlySet<string>;
  /** That its own SQL reads. */
  readonly params: ReadonlySet<string>;
}

type Models = ReadonlyMap<string, ReadingModel>;

/**
 * Events whose days cannot be kept, of each card with `incremental`: those that are others at every `as_of`, and those of
 * tables that every build makes anew, which reads all of their rows before the card could leave any out.
 */
export function incrementalProblems(models: Models): readonly Problem[] {
  return [...models.values()].flatMap(({ model }) => {
    if (!keepsDays(model)) return [];
    const relations = model.rules.flatMap((rule, index) => eventRelationsOf(rule, ['rules', index]));
    const distinct = new Map(relations.toReversed().map((events) => [events.text, events]));
    return [...distinct.values()].toReversed().flatMap((events) => {
      const named = parseRelation(events.text);
      const read = named.kind === 'ref' ? upstream(models, named.model) : [];
      return read.flatMap((reader) => [
        ...(reader.params.has('as_of') ? [asOfProblem(model, events, reader.model)] : []),
        ...(isTable(reader.model) ? [tableProblem(model, events, reader.model)] : []),
      ]);
    });
  });
}

function isTable(model: Model): boolean {
  return model.kind !== 'sql' || model.materialize === 'table';
}

/** A model and all that it reads, directly or through others. */
function upstream(models: Models, name: string): readonly ReadingModel[] {
  const found = new Set<ReadingModel>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const read = models.get(next);
    if (read === undefined || found.has(read)) continue;
    found.add(read);
    waiting.push(...read.refs);
  }
  return [...found];
}

function asOfProblem(card: Model, { rule }: NamedEvents, reader: Model): Problem {
  const file = reader.kind === 'sql' ? reader.sql : reader.file;
  const call = findText(file, /\bparam\(\s*['"]as_of['"]/);
  return {
    code: 'MODEL_INVALID',
    ...(call ?? { file: file.path, line: 1, column: 1 }),
    value: 'as_of',
    message: `\`${reader.name}\` reads \`as_of\`, so that its rows change with every build, and \`${card.name}\` keeps sums of its days (\`incremental\`) for rule \`${rule}\``,
    hint: `Leave \`as_of\` to the card, which counts no event after it; or take \`incremental\` out of ${card.name}.`,
  };
}

function tableProblem(card: Model, { rule, text, path }: NamedEvents, reader: Model): Problem {
  return {
    code: 'MODEL_INVALID',
    file: card.file.path,
    ...card.file.locate(path),
    value: text,
    message: `\`incremental\`: the events of rule \`${rule}\` come from \`${reader.name}\`, a table that every build makes anew from all of its rows`,
    hint: `Write \`materialize: view\` or \`materialize: inline\` in ${reader.file.path}; or take \`incremental\` out.`,
  };
}
