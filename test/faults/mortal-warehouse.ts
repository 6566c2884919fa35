import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import type { ColumnType, CompiledSql, RelationName } from '../../src/sql/types.ts';
import type {
  Capabilities,
  Column,
  Row,
  StatementOptions,
  SwapOptions,
  Value,
  Warehouse,
  WarehouseIdentity,
} from '../../src/warehouse/port.ts';

/** What ends at a statement. */
export interface End {
  /** The statement's `purpose`. */
  readonly of: RegExp;
  /** At the n-th of them. */
  readonly after: number;
  readonly moment: 'before' | 'within' | 'behind';
  readonly happen: () => void;
}

/**
 * The warehouse as a process sees it that may die: from then on none of its statements begins, and none is answered. Or
 * it is the warehouse that goes away, which the process is told.
 */
export class MortalWarehouse implements Warehouse {
  readonly capabilities: Capabilities;
  readonly dialect: Warehouse['dialect'];
  readonly #inner: Warehouse;
  readonly #pending = new Set<Promise<unknown>>();
  #state: 'alive' | 'dead' | 'away' = 'alive';
  #seen = 0;
  #end: End | null = null;

  constructor(inner: Warehouse) {
    this.#inner = inner;
    this.dialect = inner.dialect;
    // Many checkpoints, so that deaths fall between them.
    this.capabilities = { ...inner.capabilities, checkpointEveryRows: 3 };
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isAway(): boolean {
    return this.#state === 'away';
  }

  kill(): void {
    this.#state = 'dead';
  }

  goAway(): void {
    this.#state = 'away';
  }

  endAt(end: End): void {
    this.#end = end;
  }

  /** Ends when the warehouse has ended what was under way. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending]);
  }

  query(statement: CompiledSql, options?: StatementOptions): Promise<readonly Row[]> {
    return this.#live(options, () => this.#inner.query(statement, options));
  }

  async *stream(statement: CompiledSql, options?: StatementOptions): AsyncGenerator<readonly Row[], void> {
    this.#check();
    for await (const rows of this.#inner.stream(statement, options)) {
      this.#check();
      yield rows;
    }
  }

  script(statements: readonly CompiledSql[], options?: StatementOptions): Promise<readonly number[]> {
    const half = () => this.#inner.script(asIfEnded(statements.slice(0, Math.ceil(statements.length / 2))), options);
    return this.#live(options, () => this.#inner.script(statements, options), half);
  }

  append(
    table: RelationName,
    columns: readonly { readonly name: string; readonly type: ColumnType }[],
    rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>,
    options?: StatementOptions,
  ): Promise<number> {
    return this.#live(options, () => this.#inner.append(table, columns, rows, options));
  }

  describe(select: CompiledSql, options?: StatementOptions): Promise<readonly Column[]> {
    return this.#inner.describe(select, options);
  }

  relations(schema: string, options?: StatementOptions): Promise<ReadonlyMap<string, readonly Column[]>> {
    return this.#inner.relations(schema, options);
  }

  createTable(table: RelationName, select: CompiledSql, options?: StatementOptions): Promise<number> {
    return this.#live(options, () => this.#inner.createTable(table, select, options));
  }

  createView(view: RelationName, select: CompiledSql, options?: StatementOptions): Promise<void> {
    return this.#live(options, () => this.#inner.createView(view, select, options));
  }

  swap(staged: RelationName, live: RelationName, options?: SwapOptions): Promise<void> {
    return this.#live(options, () => this.#inner.swap(staged, live, options));
  }

  drop(tables: readonly RelationName[], options?: StatementOptions): Promise<void> {
    return this.#live(options, () => this.#inner.drop(tables, options));
  }

  whoAmI(): Promise<WarehouseIdentity> {
    return this.#inner.whoAmI();
  }

  bytesBilled(): Promise<number | null> {
    return this.#inner.bytesBilled();
  }

  async close(): Promise<void> {}

  #check(): void {
    if (this.#state === 'dead') throw new Error('killed');
    if (this.#state === 'away') throw new ScorelineError('WAREHOUSE_UNREACHABLE', 'The warehouse is away');
  }

  /** @param half the statement as far as it came, where that can be told */
  async #live<T>(options: StatementOptions | undefined, work: () => Promise<T>, half?: () => Promise<unknown>) {
    this.#check();
    const end = this.#endOf(options);
    if (end?.moment === 'before' || (end?.moment === 'within' && half === undefined)) end.happen();
    this.#check();
    const task: Promise<unknown> = end?.moment === 'within' && half !== undefined ? half() : work();
    this.#pending.add(task);
    try {
      const result = await task;
      end?.happen();
      this.#check();
      return result as T;
    } finally {
      this.#pending.delete(task);
    }
  }

  #endOf(options: StatementOptions | undefined): End | null {
    if (this.#end === null || !this.#end.of.test(options?.purpose ?? '')) return null;
    this.#seen += 1;
    return this.#seen === this.#end.after ? this.#end : null;
  }
}

/** Temporary tables go with the session, which a process takes with it. */
function asIfEnded(statements: readonly CompiledSql[]): readonly CompiledSql[] {
  const made = statements.flatMap(({ text }) => /^create temporary table (\S+)/.exec(text)?.[1] ?? []);
  return [...statements, ...made.map((table) => ({ text: `drop table if exists ${table}`, binds: [] }))];
}
