import type { ColumnType, CompiledSql, RelationName } from '../../src/sql/types.ts';
import type { Capabilities, Column, Row, StatementOptions, Value, Warehouse } from '../../src/warehouse/port.ts';

/** The warehouse as a process sees it that may die: from then on none of its statements begins, and none is answered. */
export class MortalWarehouse implements Warehouse {
  readonly capabilities: Capabilities;
  readonly dialect: Warehouse['dialect'];
  readonly #inner: Warehouse;
  readonly #pending = new Set<Promise<unknown>>();
  #isDead = false;
  #statements = 0;
  #death: { readonly at: number; readonly isBefore: boolean; readonly die: () => void } | null = null;

  constructor(inner: Warehouse) {
    this.#inner = inner;
    this.dialect = inner.dialect;
    // Many checkpoints, so that deaths fall between them.
    this.capabilities = { ...inner.capabilities, checkpointEveryRows: 3 };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  kill(): void {
    this.#isDead = true;
  }

  dieAt(statement: number, isBefore: boolean, die: () => void): void {
    this.#death = { at: statement, isBefore, die };
  }

  /** Ends when the warehouse has ended what was under way. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending]);
  }

  query(statement: CompiledSql, options?: StatementOptions): Promise<readonly Row[]> {
    return this.#live(() => this.#inner.query(statement, options));
  }

  async *stream(statement: CompiledSql, options?: StatementOptions): AsyncGenerator<readonly Row[], void> {
    for await (const rows of this.#inner.stream(statement, options)) {
      if (this.#isDead) throw new Error('killed');
      yield rows;
    }
  }

  script(statements: readonly CompiledSql[], options?: StatementOptions): Promise<readonly number[]> {
    return this.#live(() => this.#inner.script(statements, options));
  }

  append(
    table: RelationName,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
    options?: StatementOptions,
  ): Promise<number> {
    return this.#live(() => this.#inner.append(table, columns, rows, options));
  }

  describe(select: CompiledSql, options?: StatementOptions): Promise<readonly Column[]> {
    return this.#inner.describe(select, options);
  }

  relations(schema: string, options?: StatementOptions): Promise<ReadonlyMap<string, readonly Column[]>> {
    return this.#inner.relations(schema, options);
  }

  createTable(table: RelationName, select: CompiledSql, options?: StatementOptions): Promise<number> {
    return this.#live(() => this.#inner.createTable(table, select, options));
  }

  createView(view: RelationName, select: CompiledSql, options?: StatementOptions): Promise<void> {
    return this.#live(() => this.#inner.createView(view, select, options));
  }

  swap(staged: RelationName, live: RelationName, options?: StatementOptions): Promise<void> {
    return this.#live(() => this.#inner.swap(staged, live, options));
  }

  drop(tables: readonly RelationName[], options?: StatementOptions): Promise<void> {
    return this.#live(() => this.#inner.drop(tables, options));
  }

  async close(): Promise<void> {}

  async #live<T>(work: () => Promise<T>): Promise<T> {
    this.#statements += 1;
    const isLast = this.#death?.at === this.#statements;
    if (isLast && this.#death?.isBefore) this.#death.die();
    if (this.#isDead) throw new Error('killed');
    const task = work();
    this.#pending.add(task);
    try {
      const result = await task;
      if (isLast) this.#death?.die();
      if (this.#isDead) throw new Error('killed');
      return result;
    } finally {
      this.#pending.delete(task);
    }
  }
}
