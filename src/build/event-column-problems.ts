import { didYouMean } from '../errors/did-you-mean.ts';
import type { Problem } from '../errors/scoreline-error.ts';
import type { ScorecardModel } from '../project/model-types.ts';
import type { Rule } from '../project/rule-types.ts';
import type { Project } from '../project/types.ts';
import { eventOwner, idColumnsOf, type OwnerQuestion, possibleOwners } from '../scoring/event-owner.ts';

/** A relation of events that a rule names. */
export interface NamedEvents {
  /** The rule's id. */
  readonly rule: string;
  /** The template. */
  readonly text: string;
  readonly path: readonly (string | number)[];
  /** The columns that the rule says are those of an owner. */
  readonly by?: readonly string[];
}

/** The relations of events that a rule names, with their places. */
export function eventRelationsOf(rule: Rule, place: NamedEvents['path']): readonly NamedEvents[] {
  if (rule.kind !== 'event' && rule.kind !== 'absence') return [];
  const texts = rule.kind === 'event' ? [rule.events] : rule.noEvents;
  const path = [...place, rule.kind === 'event' ? 'events' : 'no_events'];
  const counted = texts.map((text) => ({ rule: rule.id, text, path, by: rule.by }));
  const { recover } = rule;
  return recover === undefined
    ? counted
    : [...counted, { rule: rule.id, text: recover.on, path: [...place, 'recover', 'on'], by: rule.by }];
}

/**
 * Columns by which events should say whose they are, and that their relation does not have: the generated SQL would
 * otherwise miss them in a place nobody wrote.
 * @param names the columns of the relation
 */
export function eventColumnProblems(
  model: ScorecardModel,
  events: NamedEvents,
  names: readonly string[],
  project: Project,
): readonly Problem[] {
  const entity = project.entities.get(model.entity);
  if (entity === undefined) return [];
  const { rule, text, path, by } = events;
  const owners = possibleOwners(entity, model.aliases, project);
  const owner = eventOwner({ events: text, by, owners, project });
  // Columns of nobody are reported when the card is read.
  if (owner === null) return [];
  const wanted = [
    ...(owner.hasKey ? [{ column: owner.entity.key, what: 'the key' }] : []),
    ...(owner.hasAlias && owner.aliases !== undefined ? [{ column: owner.aliases.on, what: 'the other id' }] : []),
  ];
  const known = new Set(names.map((name) => name.toLowerCase()));
  const missing = wanted.filter(({ column }) => !known.has(column.toLowerCase()));
  return missing.slice(0, 1).map(({ column, what }) => ({
    code: 'MODEL_INVALID',
    file: model.file.path,
    ...model.file.locate(path),
    value: text,
    message: `the events of rule \`${rule}\` have no column \`${column}\`, ${what} of entity \`${owner.entity.name}\``,
    hint: otherColumn(owners, known) ?? didYouMean(column, names),
  }));
}

/** The column by which a card with `incremental` finds late events, where it names one that its events do not have. */
export function loadedColumnProblems(
  { file, incremental }: ScorecardModel,
  { rule, text }: NamedEvents,
  names: readonly string[],
): readonly Problem[] {
  const column = incremental?.loadedAt;
  if (column === undefined || names.some((name) => name.toLowerCase() === column.toLowerCase())) return [];
  return [
    {
      code: 'MODEL_INVALID',
      file: file.path,
      ...file.locate(['incremental', 'loaded_at']),
      value: column,
      message: `the events of rule \`${rule}\`, ${text}, have no column \`${column}\`, by which \`incremental\` finds what was loaded since`,
      hint: didYouMean(column, names),
    },
  ];
}

/** What the files do not show, such as the columns of a source, a rule may say. */
function otherColumn(owners: OwnerQuestion['owners'], known: ReadonlySet<string>): string | undefined {
  const owner = owners.find((each) => idColumnsOf(each).some((column) => known.has(column.toLowerCase())));
  if (owner === undefined) return undefined;
  const columns = idColumnsOf(owner).filter((column) => known.has(column.toLowerCase()));
  return `If they are those of \`${owner.entity.name}\`, say so in the rule: \`by: [${columns.join(', ')}]\`.`;
}
