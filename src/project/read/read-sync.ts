import { didYouMean } from '../../errors/did-you-mean.ts';
import { namesAt, pathText, problemAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { fieldTypes, propertyTypes } from '../shapes/property-types.ts';
import { matchProperties, type SyncShape, syncSchema } from '../shapes/sync-schema.ts';
import type { Sync, SyncProperty } from '../types.ts';
import { notSupported } from '../validate/problems-of-issue.ts';
import { validate } from '../validate/validate.ts';
import { labelFrom } from './label-from.ts';
import { repeatedAt } from './repeated-at.ts';

export interface SyncRequest {
  /** The file's stem. */
  readonly name: string;
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}

export interface LoadedSync {
  readonly sync: Sync;
  readonly yaml: YamlFile;
}

/** These change with every run: alone they are no reason to write. */
const restlessColumns: readonly string[] = ['reasons', 'as_of', 'model_version'];

/** Holds the match value of companies that Scoreline creates. */
const ownProperty = 'scoreline_key';

/** Parts with problems are missing from the sync. @returns null where too little of it is left to go on with */
export function readSync({ name, yaml: file, report }: SyncRequest): LoadedSync | null {
  if (file.data === undefined) return null;
  const valid = validate({ kind: 'sync', yaml: file, schema: syncSchema, data: file.data, report });
  if (valid === null) return null;
  const { shape, yaml } = valid;
  const { object, model, mode, nulls } = shape;
  const match = readMatch(shape, yaml, report);
  const properties = Object.entries(shape.properties ?? {}).map(([property, settings]) => {
    checkProperty({ property, settings, matched: match?.property, yaml, report });
    return readProperty(property, settings, nulls);
  });
  const lists = Object.entries(shape.lists ?? {}).map(([id, list]) => ({ id, ...list }));
  if (namesAt(yaml, ['properties']).length === 0 && namesAt(yaml, ['lists']).length === 0) {
    report(
      problemAt(yaml, [], {
        code: 'SYNC_INVALID',
        message: 'the sync sends nothing: expected `properties`, `lists` or both',
      }),
    );
  }
  if (match === null) return null;
  const { description, tags, property_group: propertyGroup } = shape;
  const sync: Sync = {
    name,
    file: yaml,
    description,
    tags: tags ?? [],
    object,
    model,
    match,
    mode,
    nulls,
    properties,
    propertyGroup,
    lists,
  };
  return { sync, yaml };
}

function readMatch({ object, match }: SyncShape, yaml: YamlFile, report: ProblemSink): Sync['match'] | null {
  const [first, ...others] = Object.entries(match);
  const expected = matchProperties[object];
  if (first === undefined || others.length > 0) {
    const message = `\`match\` has ${first === undefined ? 'no' : 'more than one'} property: expected { ${expected}: <column> }`;
    report(problemAt(yaml, ['match'], { code: 'SYNC_INVALID', message }));
    return null;
  }
  const [property, column] = first;
  if (property !== expected) {
    const problem = notSupported(`matching ${object} by \`${property}\``);
    report(problemAtKey(yaml, ['match'], property, { ...problem, hint: `Match ${object} by \`${expected}\`.` }));
  }
  return { property, column };
}

type PropertyShape = NonNullable<SyncShape['properties']>[string];

interface PropertyCheck {
  readonly property: string;
  readonly settings: PropertyShape;
  readonly matched: string | undefined;
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}

function checkProperty({ property, settings, matched, yaml, report }: PropertyCheck): void {
  const { type, field, options, decimals, min_change: minChange } = settings;
  const path = ['properties', property];
  const refuse = (place: YamlPath, message: string, hint?: string) =>
    report(problemAt(yaml, place, { code: 'SYNC_INVALID', message, hint }));

  const fields = fieldTypes[propertyTypes[type]];
  if (field !== undefined && !fields.includes(field)) {
    const hint = type === 'string' || fields.length > 1 ? didYouMean(field, fields) : undefined;
    refuse(
      [...path, 'field'],
      `a property of type ${type} cannot have the field ${field}: expected ${fields.join(', ')}`,
      hint,
    );
  }
  if (options !== undefined && type !== 'enumeration') {
    refuse([...path, 'options'], `\`options\` goes with type enumeration, and \`${property}\` is of type ${type}`);
  }
  for (const index of repeatedAt(readOptions(options ?? []).map(({ value }) => value))) {
    refuse([...path, 'options', index], `an option of \`${property}\` stands twice`);
  }
  for (const [key, value] of Object.entries({ decimals, min_change: minChange })) {
    if (value === undefined || type === 'number') continue;
    refuse(
      [...path, key],
      `\`${pathText([...path, key])}\` goes with type number, and \`${property}\` is of type ${type}`,
    );
  }
  if (property === matched) {
    report(
      problemAtKey(yaml, ['properties'], property, {
        code: 'SYNC_INVALID',
        message: `\`${property}\` finds the record, so it cannot be written too`,
      }),
    );
  }
  if (property === ownProperty) {
    report(
      problemAtKey(yaml, ['properties'], property, {
        code: 'SYNC_INVALID',
        message: `\`${ownProperty}\` is Scoreline's own property: expected another name`,
      }),
    );
  }
}

function readProperty(name: string, shape: PropertyShape, nulls: Sync['nulls']): SyncProperty {
  const type = propertyTypes[shape.type];
  return {
    name,
    column: shape.column,
    type,
    field: shape.field ?? fieldTypes[type][0],
    label: shape.label ?? labelFrom(name),
    description: shape.description,
    options: shape.options === undefined ? undefined : readOptions(shape.options),
    decimals: shape.decimals,
    minChange: shape.min_change,
    withChangesOnly: shape.with_changes_only ?? restlessColumns.includes(shape.column),
    nulls: shape.nulls ?? nulls,
  };
}

function readOptions(options: NonNullable<PropertyShape['options']>): NonNullable<SyncProperty['options']> {
  return options.map((option) => (typeof option === 'string' ? { value: option, label: option } : option));
}
