import type { RecordCreate } from '../types.ts';
import { type MatchKey, matchKey, normaliseDomain } from './match-key.ts';
import type { BatchAnswer, ObjectCalls } from './object-calls.ts';
import { scorelineKeyProperty } from './scoreline-key.ts';

/** How records of one object, matched by one property, are created so that a repetition finds the first one. */
export interface Creation {
  /** By what the answers are matched, and a record that exists is found. */
  readonly key: MatchKey;
  /** `create` is refused where the record exists; `upsert` finds it by a unique property and updates it. */
  readonly kind: 'create' | 'upsert';
  send(calls: ObjectCalls, inputs: readonly RecordCreate[], signal?: AbortSignal): Promise<BatchAnswer>;
}

/**
 * Contacts by e-mail: a batch create, which HubSpot keeps unique by itself (its upsert by e-mail is documented not to
 * support partial values). Companies by domain: an upsert on our own key. Anything else: an upsert on the property.
 * @throws RangeError for `hs_object_id`, which HubSpot alone assigns
 */
export function creationOf(object: string, matchProperty: string): Creation {
  if (matchProperty === 'hs_object_id') throw new RangeError('records cannot be created by hs_object_id');
  if (object === 'contacts' && matchProperty === 'email') return createdByEmail(object);
  if (object === 'companies' && matchProperty === 'domain') {
    const key = { ...matchKey(scorelineKeyProperty.name), normalise: normaliseDomain };
    return upserted(object, key, matchProperty);
  }
  return upserted(object, matchKey(matchProperty));
}

function createdByEmail(object: string): Creation {
  const key = matchKey('email');
  return {
    key,
    kind: 'create',
    send: (calls, inputs, signal) => {
      const sent = inputs.map(({ traceId, matchValue, properties }) => ({
        objectWriteTraceId: traceId,
        properties: { ...properties, email: key.normalise(matchValue) },
      }));
      return calls.create(object, sent, signal);
    },
  };
}

/** @param alsoWrites a property that gets the match value too, besides the unique one */
function upserted(object: string, key: MatchKey, alsoWrites?: string): Creation {
  return {
    key,
    kind: 'upsert',
    send: (calls, inputs, signal) => {
      const sent = inputs.map(({ traceId, matchValue, properties }) => {
        const id = key.normalise(matchValue);
        const written = alsoWrites === undefined ? properties : { ...properties, [alsoWrites]: id };
        return { objectWriteTraceId: traceId, id, idProperty: key.property, properties: written };
      });
      return calls.upsert(object, sent, signal);
    },
  };
}
