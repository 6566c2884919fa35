import { sql } from 'kysely';
import type { Aliases, Entity } from '../project/entity-types.ts';
import type { Incremental } from '../project/model-types.ts';
import type { SourceFile } from '../project/setting-types.ts';
import type { CardEventRule, Expression, Relation } from './card.ts';
import { eventOwner, idColumnsOf, type OwnerQuestion, possibleOwners } from './event-owner.ts';
import { name, numberLiteral } from './literals.ts';
import { loadedColumn } from './loaded-column.ts';
import { memberRows } from './member-rows.ts';
import { memberKey, memberships, memberWeight } from './memberships.ts';
import { ownedEvents } from './owned-events.ts';
import { relationHasColumn } from './relation-columns.ts';
import { SettingReader, type YamlPath } from './setting-reader.ts';
import type { ScoringContext } from './types.ts';
import { type WeightCheck, weightCheck } from './weight-check.ts';

export interface CardReaderRequest {
  readonly file: SourceFile;
  readonly entity: Entity;
  /** The card's own, instead of the entity's. */
  readonly aliases?: Aliases;
  readonly incremental?: Incremental;
  readonly context: ScoringContext;
}

export interface EventColumns {
  readonly columns: readonly string[];
  readonly path: YamlPath;
}

/** Reads the settings of a scorecard, which knows whose its events are. */
export class CardReader extends SettingReader {
  /** Of the project's file, for what entities say. */
  readonly ofProject: SettingReader;
  /** Weights that were read, each once. */
  readonly weights = new Map<string, WeightCheck>();
  readonly #request: CardReaderRequest;
  readonly #owners: OwnerQuestion['owners'];

  constructor(request: CardReaderRequest) {
    super(request.file, request.context);
    const { context, entity, aliases } = request;
    this.ofProject = new SettingReader(context.project.file, context);
    this.#request = request;
    this.#owners = possibleOwners(entity, aliases, context.project);
  }

  /**
   * A relation of events with the key of the entity that is scored.
   * @param by the columns that a rule says are those of an owner, and their place
   */
  events(path: YamlPath, template: string, by?: EventColumns): Relation {
    const { entity, aliases, context } = this.#request;
    const events = { ...this.relation(path, template), ...this.#loadedAt(template) };
    const question = { events: template, owners: this.#owners, project: context.project };
    const owner = eventOwner({ ...question, by: by?.columns });
    if (owner === null) {
      this.#reportBy(by);
      return events;
    }
    const isOwn = owner.entity === entity;
    const members = isOwn ? null : memberships(owner.entity.name, entity.name, context);
    for (const ref of members?.refs ?? []) this.refs.add(ref);
    this.#addWeights(members?.weights);
    const aliasesAt =
      isOwn && aliases !== undefined
        ? { reader: this, path: ['aliases'] }
        : { reader: this.ofProject, path: ['entities', owner.entity.name, 'aliases'] };
    const people = this.ofProject.relation(['entities', owner.entity.name, 'relation'], owner.entity.relation);
    return ownedEvents({ events, owner, people, aliasesAt, members, context });
  }

  /** The rows of a scored model whose entity belongs to the one that is scored, for a roll-up. */
  memberRows(model: string): Relation {
    const { entity, context } = this.#request;
    const found = memberRows(model, entity.name, context);
    for (const ref of found?.refs ?? []) this.refs.add(ref);
    this.#addWeights(found?.weights);
    // Reading the project reported why there is none; the search for more problems goes on.
    return found?.rows ?? { fragment: sql`null`, meaning: { sql: model, params: {} }, identity: model, word: model };
  }

  /** The weight of a roll-up, over the rows that it reads. */
  weight(path: YamlPath, { id, weight }: { readonly id: string; readonly weight: string }, rows: Relation): Expression {
    const { dialect } = this.#request.context;
    const expression = this.expression(path, weight);
    const of = `rule \`${id}\``;
    const key = name(memberKey);
    this.#addWeights([weightCheck({ of, path, from: rows.fragment, weight: expression.fragment, key, dialect })]);
    return expression;
  }

  /** Of events, where builds keep the sums of days. */
  #loadedAt(events: string): Pick<Relation, 'loadedAt'> {
    const { incremental, context } = this.#request;
    if (incremental === undefined) return {};
    const { loadedAt } = incremental;
    if (loadedAt === undefined) return { loadedAt: loadedColumn(events, context.project) };
    if (relationHasColumn(events, loadedAt, context.project) === 'no') {
      const message = `${events} has no column \`${loadedAt}\`: expected one that all events of the card have`;
      this.report(['incremental', 'loaded_at'], loadedAt, message);
    }
    return { loadedAt };
  }

  /** Rules that go the same way up share its bridges. */
  #addWeights(checks: readonly WeightCheck[] = []): void {
    for (const check of checks) this.weights.set(check.of, check);
  }

  #reportBy(by: EventColumns | undefined): void {
    if (by === undefined) return;
    const known = this.#owners.map((owner) => `${idColumnsOf(owner).join(' or ')} (${owner.entity.name})`);
    const message = `\`by\` names ${by.columns.join(', ')}, which are not the columns of one entity: expected ${known.join(', or ')}`;
    this.report(by.path, by.columns.join(', '), message);
  }
}

/** What a rule says of the columns by which its events name their owners. */
export function byOf({ by }: { readonly by?: readonly string[] }, path: YamlPath): EventColumns | undefined {
  return by === undefined ? undefined : { columns: by, path: [...path, 'by'] };
}

/** Where owners have weights, points per event count by them; points for a number of events do not. */
export function weightedPoints(points: CardEventRule['points'], { isWeighted }: Relation): CardEventRule['points'] {
  if (isWeighted !== true || (typeof points === 'object' && 'bands' in points)) return points;
  const each = typeof points === 'number' ? numberLiteral(points) : points.fragment;
  const meaning =
    typeof points === 'number'
      ? { sql: `${points} * ${memberWeight}`, params: {} }
      : { ...points.meaning, sql: `${points.meaning.sql} * ${memberWeight}` };
  const weighted: Expression = { fragment: sql`(${each} * ${name(memberWeight)})`, meaning };
  return weighted;
}
