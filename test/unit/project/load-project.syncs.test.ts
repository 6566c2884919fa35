import { describe, expect, test } from 'vitest';
import { type ProjectFiles, smallProject } from '../../support/project-files.ts';
import { problemLine, problemsWith } from '../../support/project-problems.ts';

const lines = (files: ProjectFiles) => problemsWith(files).map(problemLine);

/** The problems of one more sync, without the file's name. */
function sync(text: string, files: ProjectFiles = {}): readonly string[] {
  return lines({ 'syncs/second.yml': text, ...files }).map((line) => line.replace('syncs/second.yml:', ''));
}

function contacts(body: string, files: ProjectFiles = {}): readonly string[] {
  return sync(`object: contacts\nmodel: lead_score\nmatch: { email: email }\n${body}`, files);
}

const property = (settings: string) => contacts(`properties: { p: { ${settings} } }`);

describe('the model of a sync', () => {
  const ofModel = (model: string) =>
    sync(`object: contacts\nmodel: ${model}\nmatch: { email: email }\nproperties: { p: { column: c, type: string } }`);

  test('must exist', () => {
    expect(ofModel('lead_scor')).toEqual(['2:8 unknown model `lead_scor` | Did you mean `lead_score`?']);
  });

  test('is no audience', () => {
    expect(ofModel('hot_leads')).toEqual([
      '2:8 `model` names `hot_leads`, an audience: expected a scored model or a SQL model with a key | Name audiences in `lists`.',
    ]);
  });

  test('has a key', () => {
    expect(ofModel('logins')).toEqual([
      '2:8 model `logins` has no `key`, so its rows cannot be followed from run to run | Add `key: [..]` to models/logins.yml.',
    ]);
    expect(ofModel('leads')).toEqual([]);
  });

  describe('as a list', () => {
    const card = 'kind: scorecard\nentity: lead\ndescription: x\nrules: [{ id: a, when: "true", points: 1 }]\n';
    const ofModels = (models: string, columns = 'p: { column: lead_fit.score, type: number }') =>
      sync(`object: contacts\nmodel: ${models}\nmatch: { email: email }\nproperties: { ${columns} }`, {
        'models/lead_fit.yml': card,
      });

    test('has at least two, each once', () => {
      expect(ofModels('[lead_score]')).toEqual([
        '2:8 `model` is a list: expected at least two models (a single one is written without a list)',
      ]);
      expect(ofModels('[lead_fit, lead_fit]')).toEqual(['2:19 model `lead_fit` stands in the list twice']);
    });

    test('has scored models of one entity', () => {
      expect(ofModels('[lead_score, lead_fit]')).toEqual([]);
      expect(ofModels('[lead_score, lead_fi]', 'p: { column: lead_score.score, type: number }')).toEqual([
        '2:21 unknown model `lead_fi` | Did you mean `lead_fit`?',
      ]);
      expect(ofModels('[leads, lead_fit]')).toEqual([
        '2:9 `leads` is a model of kind sql: expected scored models in a list | Give it a sync of its own.',
      ]);
    });

    test('has columns of its own models', () => {
      const columns =
        'p: { column: lead_fitt.score, type: number }, q: { column: lead_fit.points__b, type: number }, r: { column: lead_fit.tier, type: enumeration }, s: { column: plan, type: enumeration }';
      expect(ofModels('[lead_score, lead_fit]', columns)).toEqual([
        '4:28 `lead_fitt.score`: `lead_fitt` is none of the models of the sync | Did you mean `lead_fit`?',
        '4:74 model `lead_fit` has no column `points__b` | Did you mean `points__a`?',
        '4:123 model `lead_fit` has no tiers, so `r` would always be empty',
        '4:162 `s` is an enumeration without `options`, and `plan` is not the tier of a scored model | Add `options: [..]`.',
      ]);
    });
  });
});

describe('match', () => {
  const match = (object: string, text: string) =>
    sync(`object: ${object}\nmodel: lead_score\nmatch: ${text}\nproperties: { p: { column: c, type: string } }`);

  test('is e-mail for contacts and domain for companies', () => {
    expect(match('contacts', '{ email: work_email }')).toEqual([]);
    expect(match('companies', '{ domain: domain }')).toEqual([]);
  });

  test('may be any property, of deals and custom objects too: HubSpot says whether it is unique', () => {
    for (const object of ['companies', 'deals', '2-12345', 'p123_subscriptions']) {
      expect(match(object, '{ external_id: id }')).toEqual([]);
      expect(match(object, '{ hs_object_id: id }')).toEqual([]);
    }
  });

  test('is never hs_object_id where records may be created', () => {
    const text = (mode: string) =>
      `object: deals\nmodel: lead_score\nmatch: { hs_object_id: id }\nmode: ${mode}\nproperties: { p: { column: c, type: string } }`;
    expect(sync(text('update'))).toEqual([]);
    for (const mode of ['upsert', 'mirror']) {
      expect(sync(text(mode))).toEqual([
        `3:10 HubSpot alone assigns \`hs_object_id\`, so nothing can be created by it in mode ${mode} | Use \`mode: update\`, or match by a property that identifies the record before it exists.`,
      ]);
    }
  });

  test('has one entry', () => {
    expect(match('contacts', '{}')).toEqual(['3:8 `match` has no property: expected { email: <column> }']);
    expect(match('contacts', '{ email: a, phone: b }')).toEqual([
      '3:8 `match` has more than one property: expected { email: <column> }',
    ]);
    expect(match('contacts', 'email')).toEqual([
      '3:8 `match` is email: expected a map of one HubSpot property and one column',
    ]);
  });
});

describe('what happens to rows that are not to be written', () => {
  const text = (more: string) =>
    sync(
      `object: contacts\nmodel: lead_score\nmatch: { email: email }\n${more}\nproperties: { p: { column: c, type: string } }`,
    );

  test('is said by removed, exclude and priority', () => {
    expect(text(`removed: clear\nexclude: { when: not consent, properties: clear }\npriority: tier = 'hot'`)).toEqual(
      [],
    );
  });

  test('cannot be kept in mode mirror', () => {
    expect(text('mode: mirror\nremoved: keep')).toEqual([
      '5:10 `removed: keep` contradicts `mode: mirror`, which empties what left the model | Use `mode: upsert`.',
    ]);
  });

  test('has words of its own', () => {
    expect(text('removed: drop')).toEqual(['4:10 `removed` is drop: expected keep or clear']);
    expect(text('exclude: not consent')).toEqual([expect.stringContaining('`exclude` is not consent')]);
  });

  test('overwrites or fills, not both', () => {
    const both = 'properties: { p: { column: c, type: string, adopt: true, write: if_empty } }';
    expect(sync(`object: contacts\nmodel: lead_score\nmatch: { email: email }\n${both}`)).toEqual([
      expect.stringContaining('`adopt: true` overwrites values and `write: if_empty` does not'),
    ]);
  });

  test('lists of a custom object need the id of its type', () => {
    const lists = 'lists: { l: { name: L, audience: hot_leads } }';
    expect(sync(`object: cars\nmodel: lead_score\nmatch: { vin: vin }\n${lists}`)).toEqual([
      "1:9 HubSpot's lists know the object `cars` by its type's id alone | Write the id, such as 2-123456, as `object`.",
    ]);
  });
});

describe('a property', () => {
  test.each([
    ['string', ['text', 'textarea', 'html', 'phonenumber', 'file']],
    ['number', ['number']],
    ['date', ['date']],
    ['datetime', ['date']],
    ['boolean', ['booleancheckbox']],
    ['enumeration', ['select', 'radio', 'checkbox', 'booleancheckbox']],
  ])('of type %s takes its fields and no others', (type, fields) => {
    const all = [
      'text',
      'textarea',
      'html',
      'phonenumber',
      'file',
      'number',
      'date',
      'booleancheckbox',
      'select',
      'radio',
      'checkbox',
    ];
    const column = type === 'enumeration' ? 'tier' : 'c';
    for (const field of all) {
      const found = property(`column: ${column}, type: ${type}, field: ${field}`);
      if (fields.includes(field)) expect(found).toEqual([]);
      else
        expect(found).toEqual([
          expect.stringContaining(
            `a property of type ${type} cannot have the field ${field}: expected ${fields.join(', ')}`,
          ),
        ]);
    }
  });

  test.each([
    [
      'column: c, type: bool',
      '`properties.p.type` is bool: expected one of string, number, date, datetime, boolean, enumeration',
    ],
    ['column: c, type: string, options: [a]', '`options` goes with type enumeration, and `p` is of type string'],
    [
      'column: c, type: string, decimals: 2',
      '`properties.p.decimals` goes with type number, and `p` is of type string',
    ],
    [
      'column: c, type: date, min_change: 2',
      '`properties.p.min_change` goes with type number, and `p` is of type date',
    ],
    ['column: c, type: number, decimals: 1.5', '`properties.p.decimals` is 1.5: expected a whole number from 0 to 10'],
    ['column: c, type: number, decimals: 11', '`properties.p.decimals` is 11: expected a whole number from 0 to 10'],
    ['column: c, type: number, min_change: 0', '`properties.p.min_change` is 0: expected a number above 0'],
    ['column: c, type: enumeration, options: []', '`properties.p.options` is a list: expected at least one option'],
    ['column: c, type: enumeration, options: [a, b, a]', 'an option of `p` stands twice'],
    [
      'column: c, type: enumeration, options: [{ value: a }]',
      '`properties.p.options[0].label` is missing: expected the label',
    ],
    [
      'column: c, type: enumeration',
      '`p` is an enumeration without `options`, and `c` is not the tier of a scored model | Add `options: [..]`.',
    ],
    ['type: string', '`properties.p.column` is missing: expected the name of a column'],
    [
      'column: points__logged, type: number',
      'model `lead_score` has no column `points__logged` | Did you mean `points__logged_in`?',
    ],
    [
      'column: c, type: string, with_changes_only: yes',
      '`properties.p.with_changes_only` is yes: expected true or false | In YAML 1.2 only true and false are booleans.',
    ],
  ])('{ %s } is refused', (settings, expected) => {
    expect(property(settings)).toEqual([expect.stringContaining(expected)]);
  });

  test('may be a rule of the card', () => {
    expect(property('column: points__logged_in, type: number')).toEqual([]);
  });

  test.each(['Lead_score', 'lead-score', '1st', 'lead score'])('is not called %s', (name) => {
    expect(contacts(`properties: { "${name}": { column: c, type: string } }`)).toEqual([
      `4:16 \`properties.${name}\` is no name: expected the name of a HubSpot property: lower-case letters, digits and _, the first a letter`,
    ]);
  });

  test('does not write what finds the record, nor what belongs to Scoreline', () => {
    expect(
      contacts('properties: { email: { column: c, type: string }, scoreline_key: { column: c, type: string } }'),
    ).toEqual([
      '4:15 `email` finds the record, so it cannot be written too',
      "4:51 `scoreline_key` is Scoreline's own property: expected another name",
    ]);
  });

  test('of a tier needs tiers', () => {
    const card = String(smallProject['models/lead_score.yml']);
    const files = { 'models/lead_score.yml': card.slice(0, card.indexOf('tiers:')) };
    expect(lines(files)).toEqual([
      'syncs/leads_to_hubspot.yml:8:24 model `lead_score` has no tiers, so `lead_tier` would always be empty',
    ]);
  });

  test('is written by one sync for each object', () => {
    const body = 'properties: { lead_score: { column: score, type: number } }';
    expect(contacts(body)).toEqual([
      '4:15 property `lead_score` of contacts is written by syncs/leads_to_hubspot.yml too: expected one sync for each property',
    ]);
    expect(sync(`object: companies\nmodel: lead_score\nmatch: { domain: d }\n${body}`)).toEqual([]);
  });
});

describe('a list', () => {
  const list = (text: string, files: ProjectFiles = {}) => contacts(`lists: { l: { ${text} } }`, files);

  test('names an audience that exists', () => {
    expect(list('name: L, audience: hot_lead')).toEqual([
      '4:34 unknown audience `hot_lead` | Did you mean `hot_leads`?',
    ]);
    expect(list('name: L, audience: lead_score')).toEqual([
      '4:34 `lead_score` is a model of kind scorecard: expected an audience',
    ]);
  });

  test('is of the entity that the model scores', () => {
    const config = String(smallProject['config/scoreline.yml']).replace(
      'sources:',
      '  account:\n    relation: "{{ ref(\'logins\') }}"\n    key: account_id\nsources:',
    );
    const files = {
      'config/scoreline.yml': config,
      'models/logins.yml': 'sql: sql/logins.sql\nkey: [account_id]',
      'models/accounts_to_call.yml': 'kind: audience\nentity: account\nsql: sql/logins.sql',
    };
    expect(list('name: L, audience: accounts_to_call', files)).toEqual([
      '4:34 audience `accounts_to_call` is a set of entity `account`, and model `lead_score` has no rows of it | Members are found by the keys of the model: both must be of one entity.',
    ]);
    const ofSql = (model: string, audience: string) =>
      sync(
        `object: contacts\nmodel: ${model}\nmatch: { email: email }\nlists: { l: { name: L, audience: ${audience} } }`,
        files,
      );
    expect(ofSql('leads', 'hot_leads')).toEqual([]);
    expect(ofSql('logins', 'accounts_to_call')).toEqual([]);
    expect(ofSql('leads', 'accounts_to_call')).toHaveLength(1);
    const score = 'kind: scorecard\nentity: account\nrules: [{ id: a, when: "true", points: 1 }]\n';
    const both =
      'object: contacts\nmodel: [lead_score, use]\nmatch: { email: email }\nproperties: { p: { column: seats, type: number } }';
    expect(sync(both, { ...files, 'models/use.yml': score })).toEqual([
      '2:21 `use` scores the entity `account`, and `lead_score` scores `lead`: expected models of one entity | Give it a sync of its own.',
    ]);
  });

  test('has a name of its own, whatever the case of its letters', () => {
    expect(list('name: HOT leads, audience: hot_leads')).toEqual([
      '4:21 list "HOT leads" stands in syncs/leads_to_hubspot.yml (`hot_leads`) too: expected another name',
    ]);
  });
});

test('a sync that sends nothing is refused', () => {
  expect(contacts('properties:\nlists: {}')).toEqual([
    '1:1 the sync sends nothing: expected `properties`, `lists` or both',
  ]);
});
