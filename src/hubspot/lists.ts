import { inChunks } from './in-chunks.ts';
import type { HubSpotLists, List } from './types.ts';
import { listShape, membershipShape } from './wire/answer-shapes.ts';
import type { Effect, Transport } from './wire/transport.ts';
import { listApis } from './wire/vendor-apis.ts';
import { refusalIn } from './wire/wire-error.ts';

/** HubSpot names no limit; calls of this size are known to work. */
export const defaultMembersPerCall = 10_000;

/** Custom types are written as their id already. */
const objectTypeIds: ReadonlyMap<string, string> = new Map([
  ['contacts', '0-1'],
  ['companies', '0-2'],
  ['deals', '0-3'],
]);

/** Lists over the wire. Every call has the same effect when it is repeated, the creation too: names are unique. */
export function hubSpotLists(transport: Transport, membersPerCall: number): HubSpotLists {
  const lists = async (effect: Effect, signal?: AbortSignal) =>
    (await listApis(transport, { effect, shape: listShape, signal })).lists;

  async function findById(listId: string, signal?: AbortSignal): Promise<List | null> {
    const api = await lists('read', signal);
    return nullIfNotFound(api.getById(listId));
  }

  async function findByName(name: string, object: string, signal?: AbortSignal): Promise<List | null> {
    const api = await lists('read', signal);
    return nullIfNotFound(api.getByName(name, objectTypeIdOf(object)));
  }

  return {
    async find({ listId, name, object }, signal) {
      const byId = listId === undefined ? null : await findById(listId, signal);
      return byId ?? findByName(name, object, signal);
    },

    async create({ name, object }, signal) {
      const api = await lists('repeatable', signal);
      try {
        const { list } = await api.create({ name, objectTypeId: objectTypeIdOf(object), processingType: 'MANUAL' });
        return plainList(list);
      } catch (error) {
        if (refusalIn(error)?.subCategory !== 'ILS.DUPLICATE_LIST_NAMES') throw error;
        const existing = await findByName(name, object, signal);
        // Taken by a list of another object: only HubSpot's own words help.
        if (existing === null) throw error;
        return existing;
      }
    },

    async changeMembers({ listId, add, remove }, signal) {
      const { memberships } = await listApis(transport, { effect: 'repeatable', shape: membershipShape, signal });
      const missing = new Set<string>();
      // One after the other: HubSpot locks a list while it changes.
      for (const ids of inChunks(add, membersPerCall)) {
        for (const id of (await memberships.add(listId, ids)).recordIdsMissing) missing.add(id);
      }
      for (const ids of inChunks(remove, membersPerCall)) {
        for (const id of (await memberships.remove(listId, ids)).recordIdsMissing) missing.add(id);
      }
      return { missing: [...missing] };
    },
  };
}

function objectTypeIdOf(object: string): string {
  return objectTypeIds.get(object) ?? object;
}

interface VendorList extends List {
  readonly deletedAt?: Date;
}

async function nullIfNotFound(answer: Promise<{ readonly list: VendorList }>): Promise<List | null> {
  try {
    const { list } = await answer;
    return list.deletedAt === undefined ? plainList(list) : null;
  } catch (error) {
    if (refusalIn(error)?.status === 404) return null;
    throw error;
  }
}

function plainList({ listId, name, objectTypeId, processingType }: VendorList): List {
  return { listId, name, objectTypeId, processingType };
}
