import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type OrderedModel, orderModels } from '../../../src/build/model-order.ts';
import type { SqlModel } from '../../../src/project/model-types.ts';
import type { SourceFile } from '../../../src/project/setting-types.ts';

const file = (path: string, text: string): SourceFile => ({ path, text, locate: () => ({ line: 1, column: 1 }) });

function ordered(name: string, dependencies: readonly string[]): readonly [string, OrderedModel] {
  const text = ['select *', ...dependencies.map((each) => `from {{ ref('${each}') }}`)].join('\n');
  const model: SqlModel = {
    kind: 'sql',
    name,
    file: file(`models/${name}.yml`, `sql: sql/${name}.sql\n`),
    sql: file(`sql/${name}.sql`, text),
    key: [],
    materialize: 'table',
    tags: [],
    params: {},
    columns: [],
    tests: [],
  };
  return [name, { model, dependencies: new Set(dependencies) }];
}

const names = (order: readonly OrderedModel[]) => order.map(({ model }) => model.name);

test('models stand behind those they read, and else by name', () => {
  const models = new Map([ordered('c', []), ordered('a', ['d']), ordered('d', ['c']), ordered('b', [])]);
  const { order, problems } = orderModels(models);
  expect(names(order)).toEqual(['c', 'd', 'a', 'b']);
  expect(problems).toEqual([]);
});

test('a circle is named at the reference that closes it', () => {
  const models = new Map([ordered('a', ['b']), ordered('b', ['x', 'c']), ordered('c', ['a']), ordered('x', [])]);
  expect(orderModels(models).problems).toMatchObject([
    { code: 'MODEL_CYCLE', file: 'sql/c.sql', line: 2, column: 9, value: 'a' },
  ]);
  expect(orderModels(models).problems[0]?.message).toContain('a → b → c → a');
});

test('a model that reads itself is a circle of one', () => {
  const { problems } = orderModels(new Map([ordered('a', ['a'])]));
  expect(problems).toMatchObject([{ code: 'MODEL_CYCLE', file: 'sql/a.sql', line: 2 }]);
  expect(problems[0]?.message).toContain('a → a');
});

test('every circle is reported, and models that do not exist are left out', () => {
  const models = new Map([ordered('a', ['b']), ordered('b', ['a']), ordered('c', ['d']), ordered('d', ['c', 'gone'])]);
  expect(orderModels(models).problems).toHaveLength(2);
});

test('any graph without circles comes out with every model once, behind all that it reads', () => {
  const graph = fc.array(fc.array(fc.nat(30), { maxLength: 5 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(graph, (reads) => {
      const models = new Map(
        reads.map((each, n) =>
          ordered(
            `m${n}`,
            each.filter((other) => other > n && other < reads.length).map((other) => `m${other}`),
          ),
        ),
      );
      const { order, problems } = orderModels(models);
      expect(problems).toEqual([]);
      expect([...names(order)].sort()).toEqual([...models.keys()].sort());
      const place = new Map(names(order).map((name, index) => [name, index]));
      for (const [name, { dependencies }] of models) {
        for (const other of dependencies) expect(place.get(other)).toBeLessThan(place.get(name) ?? -1);
      }
    }),
  );
});
