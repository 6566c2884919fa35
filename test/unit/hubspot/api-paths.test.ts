import { describe, expect, it } from 'vitest';
import { pathInVersion } from '../../../src/hubspot/wire/api-paths.ts';

describe('pathInVersion', () => {
  it('leaves paths of v3 as they are', () => {
    expect(pathInVersion('/crm/v3/objects/contacts/batch/update', 'v3')).toBe('/crm/v3/objects/contacts/batch/update');
  });

  it.each([
    ['/crm/v3/objects/contacts/batch/upsert', '/crm/objects/2026-09/contacts/batch/upsert'],
    ['/crm/v3/objects/2-17/search', '/crm/objects/2026-09/2-17/search'],
    ['/crm/v3/properties/companies/groups', '/crm/properties/2026-09/companies/groups'],
    ['/crm/v3/properties/companies?archived=false', '/crm/properties/2026-09/companies?archived=false'],
    ['/crm/v3/lists', '/crm/lists/2026-09'],
    ['/crm/v3/lists/7/memberships/add', '/crm/lists/2026-09/7/memberships/add'],
    ['/account-info/v3/details', '/account-info/2026-09/details'],
  ])('maps %s to its dated form', (v3, dated) => {
    expect(pathInVersion(v3, '2026-09')).toBe(dated);
  });

  it('refuses a path that has no dated form', () => {
    expect(() => pathInVersion('/crm/v3/imports', '2026-09')).toThrow('/crm/v3/imports');
  });
});
