import { objectTypeIdOf } from './object-type-id.ts';
import { deferralFor } from './records/deferral.ts';
import { rejectionOf } from './records/rejection.ts';
import type { HubSpotLists, List } from './types.ts';
import { listShape, memberPageShape, membershipShape } from './wire/answer-shapes.ts';
import type { Effect, Transport } from './wire/transport.ts';
import { listApis, lostAnswersHeader } from './wire/vendor-apis.ts';
import { refusalIn, WireError } from './wire/wire-error.ts';

/** HubSpot names no limit; calls of this size are known to work. */
export const defaultMembersPerCall = 10_000;

/** Most members that one page of a list holds. */
const maxMembersPage = 250;

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
        // Refused where somebody made it meanwhile, or a call of ours did whose answer was lost; not every refusal says why.
        if (refusalIn(error) === undefined) throw error;
        const existing = await findByName(name, object, signal);
        // Refused for another reason, or taken by a list of another object: only HubSpot's own words help.
        if (existing === null) throw error;
        return existing;
      }
    },

    membersPerCall,

    async changeMembers({ operation, listId, recordIds }, signal) {
      const { memberships } = await listApis(transport, { effect: 'repeatable', shape: membershipShape, signal });
      try {
        const answer =
          operation === 'add'
            ? await memberships.addWithHttpInfo(listId, [...recordIds])
            : await memberships.removeWithHttpInfo(listId, [...recordIds]);
        const { recordIdsMissing: missing, recordsIdsAdded } = answer.data;
        const knowsBefore = operation === 'add' && answer.headers[lostAnswersHeader] === '0';
        return { kind: 'changed', missing, ...(knowsBefore && recordsIdsAdded && { added: recordsIdsAdded }) };
      } catch (error) {
        const mayBeDone = error instanceof WireError && error.mayBeDone;
        const refusal = refusalIn(error);
        if (refusal === undefined) {
          const { failure, ...deferral } = deferralFor(error, signal);
          if (failure !== undefined) throw failure;
          return { ...deferral, mayBeDone };
        }
        // Whatever the last attempt was answered, nothing is known of one before it without an answer.
        if (mayBeDone) return { kind: 'deferred', reason: refusal.message, mayBeDone };
        return { kind: 'rejected', rejection: rejectionOf(refusal) };
      }
    },

    async *readMembers(listId, signal) {
      let after: string | undefined;
      do {
        const { memberships } = await listApis(transport, { effect: 'read', shape: memberPageShape, signal });
        const page = await memberships.getPage(listId, after, undefined, maxMembersPage);
        yield page.results.map(({ recordId }) => recordId);
        after = page.paging?.next?.after;
      } while (after !== undefined);
    },
  };
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
