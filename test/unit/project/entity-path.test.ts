import { describe, expect, it } from 'vitest';
import { entitiesBelow, entityPath } from '../../../src/project/entity-path.ts';
import type { Belonging } from '../../../src/project/entity-types.ts';

const by = (column: string): Belonging => ({ kind: 'column', column });
const entities = new Map(
  Object.entries<Readonly<Record<string, Belonging>>>({
    person: { team: by('team_id'), account: by('account_id') },
    team: { account: by('account_id') },
    account: { holding: by('holding_id') },
    holding: {},
    stranger: {},
  }).map(([name, belongsTo]) => [name, { name, belongsTo }]),
);

describe('the path from an entity to one that it belongs to', () => {
  it('is the shortest', () => {
    expect(entityPath(entities, 'person', 'holding')).toEqual([
      { child: 'person', parent: 'account', belonging: by('account_id') },
      { child: 'account', parent: 'holding', belonging: by('holding_id') },
    ]);
  });

  it('is empty for the entity itself, and null where no way leads there', () => {
    expect(entityPath(entities, 'person', 'person')).toEqual([]);
    expect(entityPath(entities, 'account', 'person')).toBeNull();
    expect(entityPath(entities, 'person', 'stranger')).toBeNull();
    expect(entityPath(entities, 'person', 'nobody')).toBeNull();
  });

  it('tells who belongs to an entity, the nearest first', () => {
    expect(entitiesBelow(entities, 'holding')).toEqual(['account', 'person', 'team']);
    expect(entitiesBelow(entities, 'person')).toEqual([]);
  });
});
