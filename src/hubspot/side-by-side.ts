import pLimit from 'p-limit';

/** Calls at one time: enough for 19 a second that take a second each. */
export const maxConcurrentCalls = 20;

/** Works on all items, as many at once as calls go out; begins none after one has failed. */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const limit = pLimit(maxConcurrentCalls);
  try {
    return await limit.map(items, work);
  } catch (error) {
    limit.clearQueue();
    throw error;
  }
}
