import { sql } from 'kysely';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Fragment } from '../../sql/types.ts';
import type { Column, Warehouse } from '../../warehouse/port.ts';
import { compileProject } from '../compile-project.ts';
import { noHistory } from '../history-tables.ts';
import { withExpressions } from '../inline-models.ts';
import { standIn } from '../stand-in.ts';
import { templateScope } from '../template-scope.ts';
import type { CompiledProject } from '../types.ts';

/**
 * Columns that models and sources have, asked of the warehouse once each, as the files stand now and without building
 * anything: what a model reads is shown to the warehouse as an empty stand-in.
 */
export class RealColumns {
  readonly #warehouse: Warehouse;
  readonly #compiled: CompiledProject;
  readonly #signal: AbortSignal | undefined;
  readonly #known = new Map<string, Promise<readonly Column[] | null>>();

  constructor(warehouse: Warehouse, compiled: CompiledProject, signal?: AbortSignal) {
    this.#warehouse = warehouse;
    this.#compiled = compileProject({
      ...compiled,
      relationOf: ({ name }) => ({ kind: 'given', name: `model__${name}` }),
      history: noHistory(compiled.dialect),
    });
    this.#signal = signal;
  }

  /** @returns null where the warehouse refuses the model or something that it is built from */
  ofModel(name: string): Promise<readonly Column[] | null> {
    return this.#once(`model ${name}`, async () => {
      const model = this.#compiled.models.get(name);
      if (model === undefined) return null;
      const expressions = [];
      for (const ref of model.refs) {
        const columns = await this.ofModel(ref);
        if (columns === null) return null;
        expressions.push({ name: `model__${ref}`, body: standIn(columns) });
      }
      return this.#describe(withExpressions(expressions, model.body, 'described'), `read the columns of ${name}`);
    });
  }

  /** @returns null where the table or file is not there */
  ofSource(source: string, table: string): Promise<readonly Column[] | null> {
    return this.#once(`source ${source}.${table}`, async () => {
      const relation = templateScope({ ...this.#compiled, params: new Map() }).source(source, table);
      if (relation === null) return null;
      return this.#describe(sql`select * from ${relation} as described`, `read the columns of ${source}.${table}`);
    });
  }

  /** Of the score history, whether or not it is there. */
  ofHistory(): Promise<readonly Column[] | null> {
    const { dialect } = this.#warehouse;
    return this.#once('history', () =>
      this.#describe(sql`select * from ${noHistory(dialect)} as described`, 'read the columns of the score history'),
    );
  }

  #once(name: string, ask: () => Promise<readonly Column[] | null>): Promise<readonly Column[] | null> {
    const known = this.#known.get(name) ?? ask();
    this.#known.set(name, known);
    return known;
  }

  async #describe(select: Fragment, purpose: string): Promise<readonly Column[] | null> {
    try {
      return await this.#warehouse.describe(this.#warehouse.dialect.compile(select), { signal: this.#signal, purpose });
    } catch (error) {
      if (error instanceof ScorelineError && error.code === 'WAREHOUSE_REFUSED') return null;
      throw error;
    }
  }
}
