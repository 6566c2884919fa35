/**
 * Splits inputs into batches in which no key occurs twice, since HubSpot refuses a batch with duplicates. The batches
 * keep the order of inputs with one key, so send them one after the other.
 */
export function distinctBatches<Input>(
  inputs: readonly Input[],
  keyOf: (input: Input) => string,
  maxSize: number,
): Input[][] {
  const batches: Input[][] = [];
  const lastBatchOf = new Map<string, number>();
  for (const input of inputs) {
    const key = keyOf(input);
    let index = (lastBatchOf.get(key) ?? -1) + 1;
    while ((batches[index]?.length ?? 0) >= maxSize) index += 1;
    const batch = batches[index] ?? [];
    batches[index] = batch;
    batch.push(input);
    lastBatchOf.set(key, index);
  }
  return batches;
}
