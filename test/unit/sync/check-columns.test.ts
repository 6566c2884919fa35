import { expect, test } from 'vitest';
import { checkColumns } from '../../../src/sync/check-columns.ts';
import type { Column } from '../../../src/warehouse/port.ts';
import { leadSync, property } from '../../support/sync-world.ts';

const column = (
  name: string,
  kind: 'text' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'other',
  nativeType: string = kind,
): Column => ({
  name,
  type: { kind },
  nativeType,
});

test('accepts columns that the properties can hold, in whatever case the warehouse names them', () => {
  const sync = leadSync({
    properties: [property('score', { type: 'number' }), property('seen', { type: 'datetime' })],
  });
  const columns = [column('EMAIL', 'text'), column('SCORE', 'integer'), column('seen', 'timestamp')];
  expect(checkColumns(sync, { columns })).toEqual([]);
});

test('names every column that is missing or cannot be held, with what there is', () => {
  const sync = leadSync({
    match: { property: 'email', column: 'mail' },
    properties: [
      property('score', { column: 'scor', type: 'number' }),
      property('is_customer', { type: 'number' }),
      property('tags'),
    ],
  });
  const columns = [column('email', 'text'), column('is_customer', 'boolean'), column('tags', 'other', 'VARCHAR[]')];
  expect(checkColumns(sync, { columns })).toEqual([
    {
      code: 'SYNC_INVALID',
      file: 'syncs/leads.yml',
      line: 1,
      column: 1,
      value: 'mail',
      message: 'the model lead_score has no column "mail"',
      hint: 'Its columns: email, is_customer, tags.',
    },
    expect.objectContaining({ value: 'scor', message: 'the model lead_score has no column "scor"' }),
    expect.objectContaining({
      value: 'number',
      message: 'a property of type number cannot hold the column "is_customer", which is boolean (boolean)',
    }),
    expect.objectContaining({ message: 'a property of type string cannot hold the column "tags", which is VARCHAR[]' }),
  ]);
});

test('finds no records by a column of doubles, whose 501 is 501.0 as a text', () => {
  const sync = leadSync({ match: { property: 'hs_object_id', column: 'record' }, properties: [] });
  expect(checkColumns(sync, { columns: [column('record', 'double', 'DOUBLE')] })).toMatchObject([
    { value: 'record', message: expect.stringContaining('501.0'), hint: expect.stringContaining('integer or text') },
  ]);
});
