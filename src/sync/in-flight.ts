/**
 * Works on items side by side and reads the next one only when there is room, so that a long stream stays in the
 * warehouse. Ends when all work has ended; after a failure nothing more is read, and the first error is thrown when
 * everything under way has ended.
 * @param maxInFlight at least 1
 */
export async function forEachInFlight<T>(
  items: AsyncIterable<T> | Iterable<T>,
  maxInFlight: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const item of items) {
      if (failures.length > 0) break;
      const task = work(item)
        .catch((error: unknown) => {
          failures.push(error);
        })
        .finally(() => running.delete(task));
      running.add(task);
      if (running.size >= maxInFlight) await Promise.race(running);
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
}

/** Regroups a stream of chunks into batches of a size of our own; the last one may be smaller. */
export async function* inBatches<T>(
  chunks: AsyncIterable<readonly T[]>,
  batchRows: number,
): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const chunk of chunks) {
    for (const item of chunk) {
      batch.push(item);
      if (batch.length === batchRows) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}
