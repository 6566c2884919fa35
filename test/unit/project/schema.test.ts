import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectSchemas } from '../../../src/project/schema.ts';
import { modelSchemas } from '../../../src/project/shapes/model-schema.ts';
import { projectSchema } from '../../../src/project/shapes/project-schema.ts';
import { syncSchema } from '../../../src/project/shapes/sync-schema.ts';
import { smallProject } from '../../support/project-files.ts';

type Json = Readonly<Record<string, unknown>>;

const schemas = projectSchemas();
const kinds = ['project', 'model', 'sync'] as const;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every schema below this one, with its path. */
function parts(
  schema: unknown,
  path: readonly string[] = [],
): readonly { readonly path: string; readonly schema: Json }[] {
  if (Array.isArray(schema)) return schema.flatMap((item, index) => parts(item, [...path, String(index)]));
  if (!isJson(schema)) return [];
  return [
    { path: path.join('/'), schema },
    ...Object.entries(schema)
      .filter(([key]) => key !== 'examples' && key !== 'default')
      .flatMap(([key, value]) => parts(value, [...path, key])),
  ];
}

function fileKind(path: string): (typeof kinds)[number] | null {
  if (path === 'config/scoreline.yml') return 'project';
  if (!path.endsWith('.yml')) return null;
  return path.startsWith('models/') ? 'model' : 'sync';
}

/** The JSON Schema read back: what an editor would say of a file. */
const validators = {
  project: z.fromJSONSchema(schemas.project),
  model: z.fromJSONSchema(schemas.model),
  sync: z.fromJSONSchema(schemas.sync),
};

describe('the JSON Schemas', () => {
  test.each(kinds)('of a %s describe every key', (kind) => {
    const properties = parts(schemas[kind]).filter(({ path }) => /(^|\/)properties\/[^/]+$/.test(path));
    expect(properties.length).toBeGreaterThan(10);
    expect(properties.filter(({ schema }) => typeof schema.description !== 'string').map(({ path }) => path)).toEqual(
      [],
    );
  });

  test.each(kinds)('of a %s refuse unknown keys everywhere', (kind) => {
    const maps = parts(schemas[kind]).filter(({ schema }) => isJson(schema.properties) && schema.type === 'object');
    expect(maps.length).toBeGreaterThan(0);
    expect(maps.filter(({ schema }) => schema.additionalProperties !== false).map(({ path }) => path)).toEqual([]);
  });

  test.each(kinds)('of a %s say what they are', (kind) => {
    expect(schemas[kind].$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schemas[kind].title).toMatch(/^Scoreline /);
  });

  test('list every fixed choice', () => {
    const choices = kinds.flatMap((kind) =>
      parts(schemas[kind]).flatMap(({ schema }) => (Array.isArray(schema.enum) ? [schema.enum] : [])),
    );
    expect(choices).toContainEqual(['table', 'view', 'inline']);
    expect(choices).toContainEqual(['each', 'once']);
    expect(choices).toContainEqual(['unique', 'not_null']);
    expect(choices).toContainEqual(['update', 'upsert', 'mirror']);
    expect(choices).toContainEqual(['keep', 'clear']);
    expect(choices).toContainEqual(['skip', 'clear']);
    expect(choices).toContainEqual(['string', 'number', 'date', 'datetime', 'boolean', 'enumeration']);
    expect(choices).toContainEqual(['v3', '2026-09']);
    const constants = parts(schemas.model).flatMap(({ schema }) => (schema.const === undefined ? [] : [schema.const]));
    expect(new Set(constants)).toEqual(new Set(['sql', true, 'scorecard', 'none', 'combine', 'audience']));
  });

  test('have examples that fit', () => {
    const examples = kinds.flatMap((kind) =>
      parts(schemas[kind]).flatMap(({ path, schema }) =>
        (Array.isArray(schema.examples) ? schema.examples : []).map((example: unknown) => ({ path, schema, example })),
      ),
    );
    expect(examples.length).toBeGreaterThan(50);
    const unfit = examples.filter(({ schema, example }) => !z.fromJSONSchema(schema).safeParse(example).success);
    expect(unfit.map(({ path, example }) => `${path}: ${JSON.stringify(example)}`)).toEqual([]);
  });

  test('mark credentials as secrets', () => {
    const secrets = parts(schemas.project).filter(({ schema }) => schema.writeOnly === true);
    expect(secrets.map(({ path }) => path.split('/').at(-1))).toEqual([
      'url',
      'private_key',
      'private_key_passphrase',
      'password',
      'token',
      'token',
    ]);
  });
});

describe('what the schemas say of files', () => {
  const files = Object.entries(smallProject).flatMap(([path, text]) => {
    const kind = fileKind(path);
    return kind === null ? [] : [{ path, kind, data: parse(String(text)) as Json }];
  });

  test.each(files)('$path fits', ({ kind, data }) => {
    expect(validators[kind].safeParse(data).error).toBeUndefined();
    const model = modelSchemas[data.kind === 'scorecard' || data.kind === 'audience' ? data.kind : 'sql'];
    const schema = { project: projectSchema, model, sync: syncSchema }[kind];
    expect(schema.safeParse(data).error).toBeUndefined();
  });

  test.each(files)('$path with another key does not fit', ({ kind, data }) => {
    expect(validators[kind].safeParse({ ...data, nonsense: 1 }).success).toBe(false);
  });

  test('variables of the environment fit wherever text or a number may stand', () => {
    const variable = `\${NAME}`;
    const target = {
      warehouse: { type: 'duckdb', path: variable, memory_limit: variable, threads: variable },
      hubspot: { token: variable, portal_id: variable, burst_per_10s: variable, daily_reserve: variable },
      schema: variable,
    };
    const project = { version: 1, project: variable, timezone: variable, targets: { test: target } };
    expect(validators.project.safeParse(project).error).toBeUndefined();
    expect(
      validators.project.safeParse({ ...project, entities: { [variable]: { relation: 'x', key: 'y' } } }).success,
    ).toBe(false);
  });

  test.each([
    ['model', { sql: 'a.sql', materialize: 'tabel' }],
    ['model', { kind: 'scorecard', entity: 'lead', rules: [{ id: 'a', points: 1, events: 't', within: '14 d' }] }],
    ['model', { kind: 'scorecard', entity: 'lead', rules: [] }],
    ['sync', { object: 'contacts', model: 'm', match: { Email: 'email' } }],
    [
      'project',
      { version: 1, project: 'x', targets: { t: { warehouse: { type: 'oracle', path: 'x' }, hubspot: {} } } },
    ],
  ] as const)('a wrong %s does not fit', (kind, data) => {
    expect(validators[kind].safeParse(data).success).toBe(false);
  });
});
