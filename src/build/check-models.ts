import { sql } from 'kysely';
import { type Problem, ScorelineError } from '../errors/scoreline-error.ts';
import type { Entity } from '../project/entity-types.ts';
import { scoreHistoryColumns } from '../project/history-columns.ts';
import type { ScorecardModel } from '../project/model-types.ts';
import { parseRelation } from '../project/relation-name.ts';
import { isScored } from '../project/scored-model.ts';
import type { SourceFile } from '../project/setting-types.ts';
import { nameInSync } from '../project/sync-columns.ts';
import { explainScorecard } from '../scoring/explain-scorecard.ts';
import { renderSql } from '../sql/render-sql.ts';
import type { Fragment } from '../sql/types.ts';
import type { Column, SelectOptions, Warehouse } from '../warehouse/port.ts';
import {
  clashProblems,
  entityColumnProblems,
  historyClashProblems,
  keyRelationProblems,
  keyRelationsOf,
  modelColumnProblems,
  overrideColumnProblems,
  readsScoreHistory,
  syncColumnProblems,
} from './column-problems.ts';
import { compileProject } from './compile-project.ts';
import { eventColumnProblems, eventRelationsOf, loadedColumnProblems } from './event-column-problems.ts';
import { noHistory } from './history-tables.ts';
import { withExpressions } from './inline-models.ts';
import { scoringContext } from './scoring-context.ts';
import { testedRelation } from './staging.ts';
import { standIn } from './stand-in.ts';
import { relationFragment, templateScope } from './template-scope.ts';
import { testStatement } from './test-statement.ts';
import type { CommonTableExpression, CompiledModel, CompiledProject, CompileRequest } from './types.ts';

export interface CheckRequest extends Omit<CompileRequest, 'relationOf' | 'dialect'> {
  readonly warehouse: Warehouse;
  readonly signal?: AbortSignal;
}

export interface CheckResult {
  /** Everything that the warehouse refuses and every column named that is not there, with file and line. */
  readonly problems: readonly Problem[];
  /** Columns of the models that the warehouse accepts, whether they are built or not. */
  readonly columns: ReadonlyMap<string, readonly Column[]>;
  /** Models left out, since they read one that was refused. */
  readonly unchecked: readonly string[];
  /** What they would read, where the warehouse counts it; of the models that they read themselves nothing. */
  readonly bytesRead: ReadonlyMap<string, number>;
}

/**
 * Asks the warehouse whether it would run every model, and builds none: a model that reads others is shown an empty
 * stand-in with their columns, so nothing has to be there but the sources. Models that read a refused one are left out,
 * since nobody knows what they would see.
 * @throws as `compileProject`, and WAREHOUSE_* where the warehouse cannot be asked at all
 */
export async function checkModels(request: CheckRequest): Promise<CheckResult> {
  const compiled = compileProject({
    ...request,
    dialect: request.warehouse.dialect,
    relationOf: ({ name }) => ({ kind: 'given', name: `model__${name}` }),
    history: noHistory(request.warehouse.dialect),
  });
  const check = new WarehouseCheck(request, compiled);
  for (const model of compiled.models.values()) await check.model(model);
  await check.entities();
  await check.syncs();
  const { problems, columns, unchecked, bytesRead } = check;
  return { problems, columns, unchecked, bytesRead };
}

const trailColumns: readonly Pick<Column, 'name'>[] = scoreHistoryColumns.map((name) => ({ name }));

/** A relation that a YAML file names, such as `{{ ref('logins') }}`. */
interface NamedRelation {
  readonly text: string;
  readonly file: SourceFile;
  readonly path: readonly (string | number)[];
}

class WarehouseCheck {
  readonly problems: Problem[] = [];
  readonly columns = new Map<string, readonly Column[]>();
  readonly unchecked: string[] = [];
  readonly bytesRead = new Map<string, number>();
  readonly #request: CheckRequest;
  readonly #compiled: CompiledProject;
  /** By the text that names them; undefined for those that the warehouse refused. */
  readonly #relations = new Map<string, readonly Column[] | undefined>();

  constructor(request: CheckRequest, compiled: CompiledProject) {
    this.#request = request;
    this.#compiled = compiled;
  }

  async model(compiled: CompiledModel): Promise<void> {
    const { model, body, origin, dependencies } = compiled;
    if (![...dependencies].every((name) => this.columns.has(name))) {
      this.unchecked.push(model.name);
      return;
    }
    const before = this.problems.length;
    if (model.kind === 'scorecard') await this.#eventRelations(model);
    if (isScored(model) && model.overrides !== undefined) {
      this.problems.push(...overrideColumnProblems(model, this.columns.get(model.overrides) ?? []));
    }
    if (this.problems.length > before) return;

    const columns = await this.#describe(body, compiled.refs, {
      purpose: `check ${model.name}`,
      origin,
      onBytesRead: (bytes) => this.bytesRead.set(model.name, bytes),
    });
    if (columns === undefined) return;
    this.columns.set(model.name, columns);
    this.problems.push(...modelColumnProblems(compiled, columns, (name) => this.columns.get(name)));
    if (model.kind === 'scorecard') await this.#links(model, compiled);
    if (this.problems.length > before || compiled.tests.length === 0) return;
    await this.#tests(compiled, columns);
  }

  /** Keys of the entities and clashes with the scored models' columns. */
  async entities(): Promise<void> {
    const { project } = this.#compiled;
    for (const entity of project.entities.values()) {
      for (const relation of keyRelationsOf(project, entity)) {
        const columns = await this.#columnsOf({ ...relation, file: project.file });
        if (columns !== undefined) this.problems.push(...keyRelationProblems(project, relation, columns));
      }
      const people = await this.#peopleOf(entity);
      if (people === undefined) continue;
      this.problems.push(...entityColumnProblems(project, entity, people));
      for (const model of project.models.values()) {
        const scored = this.columns.get(model.name);
        if (!isScored(model) || model.entity !== entity.name || scored === undefined) continue;
        this.problems.push(...clashProblems(model, entity, scored, people));
      }
    }
  }

  async syncs(): Promise<void> {
    const { project } = this.#compiled;
    for (const sync of project.syncs.values()) {
      const [first = ''] = sync.models;
      const model = project.models.get(first);
      const entity = model !== undefined && isScored(model) ? project.entities.get(model.entity) : undefined;
      const people = entity === undefined ? [] : await this.#peopleOf(entity);
      if (sync.models.some((name) => !this.columns.has(name)) || people === undefined) continue;
      const columns = sync.models.flatMap((model) =>
        (this.columns.get(model) ?? []).map((column) => ({ ...column, name: nameInSync(sync, model, column.name) })),
      );
      const all = [...columns, ...people, ...(readsScoreHistory(sync, model) ? trailColumns : [])];
      this.problems.push(...historyClashProblems(sync, all), ...syncColumnProblems(sync, all));
    }
  }

  async #eventRelations(model: ScorecardModel): Promise<void> {
    const { project } = this.#compiled;
    for (const [index, rule] of model.rules.entries()) {
      for (const events of eventRelationsOf(rule, ['rules', index])) {
        const columns = await this.#columnsOf({ ...events, file: model.file });
        if (columns === undefined) continue;
        const names = columns.map(({ name }) => name);
        this.problems.push(...eventColumnProblems(model, events, names, project));
        this.problems.push(...loadedColumnProblems(model, events, names));
      }
    }
  }

  /** Links of events stand in no query but that of `explain`. */
  async #links(model: ScorecardModel, { refs, origin }: CompiledModel): Promise<void> {
    if (!model.rules.some((rule) => rule.kind === 'event' && rule.link !== undefined)) return;
    const nobody = { key: '', maxEvents: 0 };
    const { events } = explainScorecard(model, scoringContext(this.#compiled, model), nobody);
    if (events !== null) await this.#describe(events, refs, { purpose: `check the links of ${model.name}`, origin });
  }

  #peopleOf({ name, relation }: Entity): Promise<readonly Column[] | undefined> {
    return this.#columnsOf({ text: relation, file: this.#compiled.project.file, path: ['entities', name, 'relation'] });
  }

  async #columnsOf({ text, file, path }: NamedRelation): Promise<readonly Column[] | undefined> {
    const named = parseRelation(text);
    if (named.kind === 'ref') return this.columns.get(named.model);
    if (this.#relations.has(text)) return this.#relations.get(text);
    const at = file.locate(path);
    const scope = templateScope({ ...this.#compiled, params: new Map() });
    // Whatever could be reported was reported when the project was compiled.
    const context = { dialect: this.#compiled.dialect, scope, report: () => {} };
    const { fragment, refs } = renderSql({ text, file: file.path, at, kind: 'relation' }, context);
    const known = [...refs].every((name) => this.columns.has(name));
    const origin = { file: file.path, line: at.line };
    const columns = known
      ? await this.#describe(sql`select * from ${fragment} as ${sql.id('relation')}`, refs, {
          purpose: `read ${text}`,
          origin,
        })
      : undefined;
    this.#relations.set(text, columns);
    return columns;
  }

  async #tests(
    { model, relation, tests, key, dependencies }: CompiledModel,
    columns: readonly Column[],
  ): Promise<void> {
    const { dialect } = this.#compiled;
    const tested = testedRelation(model, relation);
    if (tested.kind === 'relation') throw new TypeError(`The tests of ${model.name} look at a table that is not there`);
    const expressions = [{ name: tested.name, body: standIn(columns) }, ...this.#standIns(dependencies)];
    const { file } = model;
    await this.#accepted(
      this.#request.warehouse.describe(
        testStatement({ dialect, tests, key, tested: relationFragment(dialect, tested), expressions }),
        {
          signal: this.#request.signal,
          purpose: `check the tests of ${model.name}`,
          origin: { file: file.path, line: 1, text: file.text },
        },
      ),
    );
  }

  #describe(select: Fragment, refs: Iterable<string>, options: SelectOptions): Promise<readonly Column[] | undefined> {
    const { warehouse, signal } = this.#request;
    const statement = warehouse.dialect.compile(withExpressions(this.#standIns(refs), select, 'checked'));
    return this.#accepted(warehouse.describe(statement, { ...options, signal }));
  }

  #standIns(models: Iterable<string>): readonly CommonTableExpression[] {
    return [...models].flatMap((name) => {
      const relation = this.#compiled.models.get(name)?.relation;
      const columns = this.columns.get(name);
      return relation?.kind === 'given' && columns !== undefined
        ? [{ name: relation.name, body: standIn(columns) }]
        : [];
    });
  }

  async #accepted<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof ScorelineError) || error.code !== 'WAREHOUSE_REFUSED') throw error;
      this.problems.push(...error.problems);
      return undefined;
    }
  }
}
