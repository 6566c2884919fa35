import type { ColumnType } from '../../../src/sql/types.ts';

/** A row of what is read and written, in a program's own terms. */
export interface Fact {
  readonly id: number;
  readonly email: string;
  readonly cents: number;
  readonly at: Date;
  readonly isCustomer: boolean;
  readonly share: number;
}

/** A vendor's client without Scoreline, used in the best way that its documentation shows. */
export interface BareClient {
  /** `select 1`, and its row. */
  roundTrip(): Promise<void>;
  /** Reads all rows of the table `bench.facts`, as values of JavaScript, without all of them in memory. @returns the sum of their ids */
  read(): Promise<number>;
  /** Writes rows into the table `bench.written`. */
  write(facts: Iterable<Fact>): Promise<void>;
  close(): Promise<void>;
}

/** Of both tables, in this order. */
export const factColumns: readonly { readonly name: string; readonly type: ColumnType }[] = [
  { name: 'id', type: { kind: 'integer' } },
  { name: 'email', type: { kind: 'text' } },
  { name: 'amount', type: { kind: 'decimal', precision: 18, scale: 2 } },
  { name: 'seen_at', type: { kind: 'timestamp' } },
  { name: 'is_customer', type: { kind: 'boolean' } },
  { name: 'share', type: { kind: 'double' } },
];

export function* factsUpTo(rows: number): Generator<Fact> {
  for (let id = 0; id < rows; id++) {
    yield {
      id,
      email: `person${id}@company${id % 5000}.example`,
      cents: (id * 7919) % 1_000_000,
      at: new Date(1_750_000_000_000 + id * 1000),
      isCustomer: id % 7 === 0,
      share: (id % 1_000_003) / 1_000_003,
    };
  }
}

/** In lists of a size that one request holds. */
export function* inBatches<T>(values: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const value of values) {
    batch.push(value);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
