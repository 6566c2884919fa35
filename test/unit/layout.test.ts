import { describe, expect, test } from 'vitest';
import {
  findCycle,
  folderGraph,
  forbiddenImports,
  type ImportGraph,
  importsOf,
  type Layout,
  readImportGraph,
} from '../support/import-graph.ts';

const layout: Layout = {
  flow: [
    'errors',
    'project',
    'sql',
    'scoring',
    'statistics',
    'warehouse',
    'state',
    'build',
    'hubspot',
    'sync',
    'evaluate',
    'sandbox',
    'operations',
    'console',
    'cli',
  ],
  // The local HubSpot must not borrow from the client that it is there to test.
  apart: [{ from: 'sandbox', to: 'hubspot' }],
};

describe('src', () => {
  const graph = readImportGraph(new URL('../../src', import.meta.url).pathname);

  test('imports only along the flow of data', () => {
    expect(graph.size).toBeGreaterThan(0);
    expect(forbiddenImports(graph, layout)).toEqual([]);
  });

  test('has no circle of files', () => {
    expect(findCycle(graph)).toBeNull();
  });

  test('has no circle of folders', () => {
    expect(findCycle(folderGraph(graph))).toBeNull();
  });
});

describe('the check itself', () => {
  const graphOf = (files: Readonly<Record<string, string>>): ImportGraph =>
    new Map(Object.entries(files).map(([file, text]) => [file, importsOf(file, text)]));

  test('sees every way to import', () => {
    const text = `
import { a } from './a.ts';
import type { B } from '../b/b.ts';
import {
  c,
  type C,
} from "./c.ts";
import './d.ts';
export * from './e.ts';
export type { F } from './f.ts';
const g = await import('./g.ts');
type H = typeof import('./h.ts');
import { z } from 'zod';
const text = 'import nothing from here';
`;
    expect(importsOf('x/x.ts', text)).toEqual([
      'x/a.ts',
      'b/b.ts',
      'x/c.ts',
      'x/e.ts',
      'x/f.ts',
      'x/d.ts',
      'x/g.ts',
      'x/h.ts',
    ]);
  });

  test('finds an import against the flow, even of a type', () => {
    const graph = graphOf({ 'errors/e.ts': "import type { P } from '../project/p.ts';", 'project/p.ts': '' });
    expect(forbiddenImports(graph, layout)).toEqual([
      'errors/e.ts imports project/p.ts: errors must not import from project',
    ]);
  });

  test('keeps the sandbox apart from the client', () => {
    const graph = graphOf({ 'sandbox/s.ts': "import { h } from '../hubspot/h.ts';", 'hubspot/h.ts': '' });
    expect(forbiddenImports(graph, layout)).toEqual([
      'sandbox/s.ts imports hubspot/h.ts: sandbox must not import from hubspot',
    ]);
  });

  test('finds a file outside of the layout and an import that leads nowhere', () => {
    const graph = graphOf({ 'utils/u.ts': '', 'cli/c.ts': "import { t } from '../../test/t.ts';" });
    expect(forbiddenImports(graph, layout)).toEqual([
      'utils/u.ts lies in no folder of the layout',
      'cli/c.ts imports ../test/t.ts, which is no file here',
    ]);
  });

  test('finds a circle of three files', () => {
    const graph = graphOf({
      'sql/a.ts': "import { b } from './b.ts';",
      'sql/b.ts': "import { c } from './c.ts';",
      'sql/c.ts': "import type { B } from './b.ts';",
    });
    expect(findCycle(graph)).toEqual(['sql/b.ts', 'sql/c.ts', 'sql/b.ts']);
  });

  test('finds a circle of folders whose files have none', () => {
    const graph = graphOf({
      'warehouse/duckdb/a.ts': "import { b } from '../postgres/b.ts';",
      'warehouse/postgres/b.ts': '',
      'warehouse/postgres/c.ts': "import { d } from '../duckdb/d.ts';",
      'warehouse/duckdb/d.ts': '',
    });
    expect(findCycle(graph)).toBeNull();
    expect(findCycle(folderGraph(graph))).toEqual(['warehouse/duckdb', 'warehouse/postgres', 'warehouse/duckdb']);
  });
});
