import { createHash } from 'node:crypto';
import type { Fragment } from '../sql/types.ts';
import { nullableText, type State } from './state.ts';

/**
 * The identity of a match value: a hash with the state's salt, so that the value cannot be guessed from it. Another object
 * or property gives another identity.
 * @param value normalised, as `identities` holds it; null gives an identity too, which means nothing
 */
export function identityOf(state: State, object: string, property: string, value: Fragment): Fragment {
  const salt = createHash('sha256')
    .update(JSON.stringify([state.salt, object, property]))
    .digest('hex');
  return state.warehouse.dialect.hash([nullableText(state, salt), value]);
}

/** HubSpot compares e-mail addresses and domains without case. */
export function isCaseless(property: string): boolean {
  return property === 'email' || property === 'domain';
}
