import { closestName, didYouMean } from '../../errors/did-you-mean.ts';
import { namesAt, pathText, problemAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { readGuards } from '../shapes/guards-schema.ts';
import { fieldTypes, propertyTypes } from '../shapes/property-types.ts';
import { type SyncShape, syncSchema } from '../shapes/sync-schema.ts';
import { sourceOfColumn } from '../sync-columns.ts';
import type { Sync, SyncProperty } from '../sync-types.ts';
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
const restlessColumns: readonly string[] = ['reasons', 'as_of', 'model_version', 'previous_score'];

/** Holds the match value of companies that Scoreline creates. */
const ownProperty = 'scoreline_key';

/** Parts with problems are missing from the sync. @returns null where too little of it is left to go on with */
export function readSync({ name, yaml: file, report }: SyncRequest): LoadedSync | null {
  if (file.data === undefined) return null;
  refuseSlip(file, report);
  const valid = validate({ kind: 'sync', yaml: file, schema: syncSchema, data: file.data, report });
  if (valid === null) return null;
  const { shape, yaml } = valid;
  const { object, mode, nulls } = shape;
  const models = typeof shape.model === 'string' ? [shape.model] : shape.model;
  for (const index of repeatedAt(models)) {
    const message = `model \`${models[index]}\` stands in the list twice`;
    report(problemAt(yaml, ['model', index], { code: 'SYNC_INVALID', message }));
  }
  const match = readMatch(shape, yaml, report);
  const properties = Object.entries(shape.properties ?? {}).map(([property, settings]) => {
    checkProperty({ property, settings, matched: match?.property, yaml, report });
    return readProperty(property, settings, { nulls, models });
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
  if (mode === 'mirror' && shape.removed === 'keep') {
    const message = '`removed: keep` contradicts `mode: mirror`, which empties what left the model';
    report(problemAt(yaml, ['removed'], { code: 'SYNC_INVALID', message, hint: 'Use `mode: upsert`.' }));
  }
  if (lists.length > 0 && !/^(contacts|companies|deals|\d+-\d+)$/.test(object)) {
    const message = `HubSpot's lists know the object \`${object}\` by its type's id alone`;
    const hint = 'Write the id, such as 2-123456, as `object`.';
    report(problemAt(yaml, ['object'], { code: 'SYNC_INVALID', message, hint }));
  }
  if (match === null) return null;
  const { description, tags, property_group: propertyGroup } = shape;
  const sync: Sync = {
    name,
    file: yaml,
    description,
    tags: tags ?? [],
    object,
    models,
    match,
    mode,
    removed: shape.removed ?? (mode === 'mirror' ? 'clear' : 'keep'),
    exclude: shape.exclude,
    priority: shape.priority,
    recreate: shape.recreate,
    nulls,
    announce: shape.announce,
    properties,
    propertyGroup,
    lists,
    guards: readGuards(shape.guards),
    canary: shape.canary,
  };
  return { sync, yaml };
}

/** Said even where the rest of the file is too wrong to be read. */
function refuseSlip(file: YamlFile, report: ProblemSink): void {
  const { object } = Object(file.data) as { readonly object?: unknown };
  if (typeof object !== 'string' || objects.includes(object)) return;
  const meant = closestName(object, objects);
  if (meant === undefined) return;
  const message = `\`object\` is ${object}: expected contacts, companies, deals or a custom object's type (one with a name so close is written by its id, such as 2-123456)`;
  report(problemAt(file, ['object'], { code: 'SYNC_INVALID', message, hint: `Did you mean \`${meant}\`?` }));
}

/** A custom type whose name is nearly one of these is written by its id. */
const objects: readonly string[] = ['contacts', 'companies', 'deals'];

function readMatch({ object, match, mode }: SyncShape, yaml: YamlFile, report: ProblemSink): Sync['match'] | null {
  const [first, ...others] = Object.entries(match);
  if (first === undefined || others.length > 0) {
    const message = `\`match\` has ${first === undefined ? 'no' : 'more than one'} property: expected { ${usualMatch[object] ?? 'hs_object_id'}: <column> }`;
    report(problemAt(yaml, ['match'], { code: 'SYNC_INVALID', message }));
    return null;
  }
  const [property, column] = first;
  if (property === 'hs_object_id' && mode !== 'update') {
    const message = `HubSpot alone assigns \`hs_object_id\`, so nothing can be created by it in mode ${mode}`;
    const hint = 'Use `mode: update`, or match by a property that identifies the record before it exists.';
    report(problemAtKey(yaml, ['match'], property, { code: 'SYNC_INVALID', message, hint }));
  }
  return { property, column };
}

/** For the example in a message. */
const usualMatch: Readonly<Record<string, string>> = { contacts: 'email', companies: 'domain' };

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
  if (settings.adopt && settings.write === 'if_empty') {
    refuse(
      [...path, 'adopt'],
      `\`adopt: true\` overwrites values and \`write: if_empty\` does not: expected one of them`,
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

function readProperty(
  name: string,
  shape: PropertyShape,
  { nulls, models }: Pick<Sync, 'nulls' | 'models'>,
): SyncProperty {
  const { column } = sourceOfColumn({ models }, shape.column);
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
    withChangesOnly: shape.with_changes_only ?? restlessColumns.includes(column),
    nulls: shape.nulls ?? nulls,
    adopt: shape.adopt,
    write: shape.write,
  };
}

function readOptions(options: NonNullable<PropertyShape['options']>): NonNullable<SyncProperty['options']> {
  return options.map((option) => (typeof option === 'string' ? { value: option, label: option } : option));
}
