import type { Account } from '../account/account.ts';
import { isJsonObject } from '../api/api-request.ts';

/**
 * The effect `vanish`: deletes the first records that a batch names by id, or merges each into a record made for it,
 * which takes over its values.
 */
export function makeVanish(
  account: Account,
  objectType: string,
  body: unknown,
  how: 'delete' | 'merge',
  count: number,
  atMs: number,
): void {
  const type = account.findType(objectType);
  if (type === undefined || !isJsonObject(body) || !Array.isArray(body.inputs)) return;
  const object = type.names.id;
  const ids = body.inputs
    .map((input: unknown) => (isJsonObject(input) && input.idProperty === undefined ? input.id : undefined))
    .filter((id) => typeof id === 'string')
    .filter((id) => type.records.get(id) !== undefined);
  for (const id of ids.slice(0, count)) {
    if (how === 'delete') {
      account.apply({ kind: 'record_archived', object, id, at: atMs });
      continue;
    }
    const winner = type.records.nextId();
    account.apply({ kind: 'record', object, record: { id: winner, createdAt: atMs, updatedAt: atMs, writes: [] } });
    account.apply({ kind: 'records_merged', object, winner, loser: id, at: atMs });
  }
}
