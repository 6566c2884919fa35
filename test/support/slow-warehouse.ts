import type { StatementOptions, Warehouse } from '../../src/warehouse/port.ts';

/** One round trip to the warehouse. */
export interface RoundTrip {
  readonly method: Exclude<keyof Warehouse, 'capabilities' | 'dialect' | 'bytesBilled' | 'close'>;
  readonly purpose: string | undefined;
}

export interface SlowWarehouse extends Warehouse {
  /** In the order in which they began. */
  readonly roundTrips: readonly RoundTrip[];
  /** Time that the round trips would have cost; nobody waits for it. Streams count once, when they begin. */
  readonly virtualSeconds: number;
  /** Statements that count against the budget: all but the streams. */
  readonly statements: number;
  forget(): void;
}

/**
 * A warehouse on which every statement is dear, as on BigQuery. It does what the inner one does and counts, so that
 * tests can hold the statement budget.
 */
export function slowWarehouse(
  inner: Warehouse,
  { secondsPerStatement }: { readonly secondsPerStatement: number },
): SlowWarehouse {
  const roundTrips: RoundTrip[] = [];
  const count = (method: RoundTrip['method'], options: StatementOptions | undefined) => {
    roundTrips.push({ method, purpose: options?.purpose });
  };
  return {
    capabilities: inner.capabilities,
    dialect: inner.dialect,
    roundTrips,
    get virtualSeconds() {
      return roundTrips.length * secondsPerStatement;
    },
    get statements() {
      return roundTrips.filter((trip) => trip.method !== 'stream').length;
    },
    forget: () => {
      roundTrips.length = 0;
    },
    query: (statement, options) => {
      count('query', options);
      return inner.query(statement, options);
    },
    async *stream(statement, options) {
      count('stream', options);
      yield* inner.stream(statement, options);
    },
    script: (statements, options) => {
      count('script', options);
      return inner.script(statements, options);
    },
    append: (table, columns, rows, options) => {
      count('append', options);
      return inner.append(table, columns, rows, options);
    },
    describe: (select, options) => {
      count('describe', options);
      return inner.describe(select, options);
    },
    relations: (schema, options) => {
      count('relations', options);
      return inner.relations(schema, options);
    },
    createTable: (table, select, options) => {
      count('createTable', options);
      return inner.createTable(table, select, options);
    },
    createView: (view, select, options) => {
      count('createView', options);
      return inner.createView(view, select, options);
    },
    swap: (staged, live, options) => {
      count('swap', options);
      return inner.swap(staged, live, options);
    },
    drop: (tables, options) => {
      count('drop', options);
      return inner.drop(tables, options);
    },
    whoAmI: (options) => {
      count('whoAmI', options);
      return inner.whoAmI(options);
    },
    bytesBilled: () => inner.bytesBilled(),
    close: () => inner.close(),
  };
}
