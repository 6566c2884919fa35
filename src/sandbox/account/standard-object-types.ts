import type { ObjectTypeNames } from './object-type.ts';

/** Ids of different types start far apart, so that a contact's id taken for a company's is noticed. */
export const standardObjectTypes: readonly ObjectTypeNames[] = [
  {
    id: '0-1',
    name: 'contacts',
    singular: 'contact',
    upperName: 'CONTACT',
    modifiedProperty: 'lastmodifieddate',
    defaultProperties: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
    firstId: 10_001,
    custom: false,
  },
  {
    id: '0-2',
    name: 'companies',
    singular: 'company',
    upperName: 'COMPANY',
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
    firstId: 6_000_000_001,
    custom: false,
  },
  {
    id: '0-3',
    name: 'deals',
    singular: 'deal',
    upperName: 'DEAL',
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: [
      'amount',
      'closedate',
      'createdate',
      'dealname',
      'dealstage',
      'hs_lastmodifieddate',
      'hs_object_id',
      'pipeline',
    ],
    firstId: 20_000_000_001,
    custom: false,
  },
];

/** @returns the names of the account's n-th custom object type, counted from 0 */
export function customObjectType(name: string, singular: string, index: number): ObjectTypeNames {
  return {
    id: `2-${40_000_001 + index}`,
    name,
    singular,
    upperName: singular.toUpperCase(),
    modifiedProperty: 'hs_lastmodifieddate',
    defaultProperties: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
    firstId: 50_000_000_001 + index * 10_000_000_000,
    custom: true,
  };
}
