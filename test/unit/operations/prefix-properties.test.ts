import { expect, test } from 'vitest';
import { prefixProperties } from '../../../src/operations/prefix-properties.ts';
import type { Project } from '../../../src/project/types.ts';
import { leadSync, syncFile } from '../../support/sync-world.ts';

test('all properties of all syncs get the prefix, and their problems are found in the file without it', () => {
  const asked: (readonly (string | number)[])[] = [];
  const file = {
    ...syncFile,
    locate: (path: readonly (string | number)[]) => {
      asked.push(path);
      return { line: 7, column: 3 };
    },
  };
  const project = { syncs: new Map([['leads', leadSync({ file })]]) } as unknown as Project;
  const sync = prefixProperties(project, 'test_').syncs.get('leads');
  expect(sync?.properties.map(({ name, label }) => [name, label])).toEqual([
    ['test_lead_score', 'lead_score'],
    ['test_lead_tier', 'lead_tier'],
  ]);
  expect(sync?.match).toEqual({ property: 'email', column: 'email' });
  expect(sync?.file.locate(['properties', 'test_lead_score', 'type'])).toEqual({ line: 7, column: 3 });
  sync?.file.locate(['match']);
  expect(asked).toEqual([['properties', 'lead_score', 'type'], ['match']]);
  expect(prefixProperties(project, '')).toBe(project);
});
