import type { ReturnedRecord } from './object-calls.ts';

/** How values of a property are compared: ours with those that HubSpot returns, which it may have rewritten. */
export interface MatchKey {
  readonly property: string;
  /** Properties that must be read to know the keys of a record. */
  readonly reads: readonly string[];
  normalise(value: string): string;
  /** All keys by which a returned record is known. */
  keysOf(record: Pick<ReturnedRecord, 'id' | 'properties'>): readonly string[];
}

const lowerCased = (value: string) => value.trim().toLowerCase();
const asItIs = (value: string) => value;

export function matchKey(property: string): MatchKey {
  switch (property) {
    case 'email':
      return {
        property,
        reads: ['email', 'hs_additional_emails'],
        normalise: lowerCased,
        // A record found by a secondary address comes back with the primary one.
        keysOf: ({ properties }) =>
          [properties.email, ...(properties.hs_additional_emails ?? '').split(';')]
            .map((email) => lowerCased(email ?? ''))
            .filter(Boolean),
      };
    case 'hs_object_id':
      return { property, reads: [], normalise: asItIs, keysOf: ({ id }) => [id] };
    default: {
      const normalise = property === 'domain' ? normaliseDomain : asItIs;
      const keysOf = ({ properties }: Pick<ReturnedRecord, 'properties'>) =>
        [properties[property]].filter((value) => value != null && value !== '').map((value) => normalise(value ?? ''));
      return { property, reads: [property], normalise, keysOf };
    }
  }
}

/** The form of a domain in `scoreline_key` and in comparisons. */
export function normaliseDomain(domain: string): string {
  return lowerCased(domain);
}
