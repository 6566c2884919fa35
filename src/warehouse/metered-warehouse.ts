import type { Warehouse } from './port.ts';

/** What the warehouse did for somebody, as far as it is known at once. */
export interface Spending {
  /** Calls of the port: a script counts once. */
  readonly statements: number;
  /** Time spent waiting for them. Those that ran side by side count each, so it may be more than what went by. */
  readonly seconds: number;
  /** Null where the warehouse does not bill by bytes, or could not be asked. */
  readonly bytesBilled: number | null;
}

/** Of two connections to one warehouse. */
export function togetherSpent(one: Spending, other: Spending): Spending {
  const isBilled = one.bytesBilled !== null && other.bytesBilled !== null;
  return {
    statements: one.statements + other.statements,
    seconds: one.seconds + other.seconds,
    bytesBilled: isBilled ? one.bytesBilled + other.bytesBilled : null,
  };
}

export interface MeteredWarehouse extends Warehouse {
  /** From the opening to now. Takes some requests where bytes are billed; see `bytesBilled`. */
  spent(): Promise<Spending>;
}

/**
 * A warehouse that counts what is asked of it, and how long the answers take.
 * @param now milliseconds of a clock that never goes back
 */
export function meteredWarehouse(inner: Warehouse, now: () => number = () => performance.now()): MeteredWarehouse {
  let statements = 0;
  let waitedMs = 0;
  const wait = async <T>(work: () => Promise<T>): Promise<T> => {
    const startedAt = now();
    try {
      return await work();
    } finally {
      waitedMs += now() - startedAt;
    }
  };
  const metered = <T>(work: () => Promise<T>): Promise<T> => {
    statements += 1;
    return wait(work);
  };
  return {
    capabilities: inner.capabilities,
    dialect: inner.dialect,
    query: (statement, options) => metered(() => inner.query(statement, options)),
    async *stream(statement, options) {
      statements += 1;
      const chunks = inner.stream(statement, options)[Symbol.asyncIterator]();
      try {
        // What the reader does between two chunks is not the warehouse's time.
        for (let next = await wait(() => chunks.next()); next.done !== true; next = await wait(() => chunks.next())) {
          yield next.value;
        }
      } finally {
        await chunks.return?.();
      }
    },
    script: (script, options) => metered(() => inner.script(script, options)),
    append: (table, columns, rows, options) => metered(() => inner.append(table, columns, rows, options)),
    describe: (select, options) => metered(() => inner.describe(select, options)),
    relations: (schema, options) => metered(() => inner.relations(schema, options)),
    createTable: (table, select, options) => metered(() => inner.createTable(table, select, options)),
    createView: (view, select, options) => metered(() => inner.createView(view, select, options)),
    swap: (staged, live, options) => metered(() => inner.swap(staged, live, options)),
    drop: (tables, options) => metered(() => inner.drop(tables, options)),
    whoAmI: (options) => metered(() => inner.whoAmI(options)),
    bytesBilled: () => inner.bytesBilled(),
    close: () => inner.close(),
    async spent() {
      const bytesBilled = await inner.bytesBilled();
      return { statements, seconds: Number((waitedMs / 1000).toFixed(3)), bytesBilled };
    },
  };
}
