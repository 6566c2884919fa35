import type { Problem } from '../errors/scoreline-error.ts';
import type { NewProperty, Property, PropertyOption } from '../hubspot/types.ts';
import type { Model } from '../project/model-types.ts';
import { gradeColumn } from '../project/scorecard-columns.ts';
import { allTiers, gradesOf, isScored } from '../project/scored-model.ts';
import { sourceOfColumn } from '../project/sync-columns.ts';
import type { Sync, SyncProperty } from '../project/sync-types.ts';
import { describeProperty } from './describe-property.ts';
import type { OptionsToAdd, SchemaChanges } from './plan-types.ts';

export interface SchemaRequest {
  readonly sync: Sync;
  readonly models: readonly Model[];
  /** What HubSpot has. */
  readonly properties: readonly Property[];
  readonly groups: readonly string[];
  /** Properties of our own that the sync needs beside its mapped ones. */
  readonly ownProperties: readonly Omit<NewProperty, 'groupName'>[];
}

export interface SchemaDecision {
  /** Enumeration → all options that it will have; those with several choices at once are missing. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly changes: SchemaChanges;
  readonly problems: readonly Problem[];
}

/** What has to be made in HubSpot before rows can be written, and what is there and does not fit. */
export function decideSchema(request: SchemaRequest): SchemaDecision {
  const { sync } = request;
  const modelOf = ({ column }: SyncProperty) => {
    const { model } = sourceOfColumn(sync, column);
    return request.models.find(({ name }) => name === model);
  };
  const there = new Map(request.properties.map((property) => [property.name, property]));
  const problems: Problem[] = [];
  const toCreate: NewProperty[] = [];
  const options: OptionsToAdd[] = [];
  for (const property of sync.properties) {
    const found = there.get(property.name);
    if (found === undefined) {
      toCreate.push(newProperty(sync, property, modelOf(property)));
      if (property.type === 'enumeration' && wantedOptions(property, modelOf(property)) === null) {
        problems.push(
          problemAt(
            sync,
            property,
            'type',
            `the options of ${property.name} are not known`,
            'Give the property `options`, or the model tiers.',
          ),
        );
      }
      continue;
    }
    const misfit = findMisfit(property, found);
    if (misfit !== null) problems.push(problemAt(sync, property, 'type', misfit.message, misfit.hint));
    else if (property.type === 'enumeration') options.push(...missingOptions(property, modelOf(property), found));
  }
  problems.push(...checkMatch(sync, there));
  for (const own of request.ownProperties) {
    if (!there.has(own.name)) toCreate.push({ ...own, groupName: sync.propertyGroup });
  }
  const needsGroup = toCreate.length > 0 && !request.groups.includes(sync.propertyGroup);
  const group = needsGroup ? { name: sync.propertyGroup, label: labelOf(sync.propertyGroup) } : null;
  const choices = sync.properties.flatMap((property) => {
    if (property.type !== 'enumeration') return [];
    const found = there.get(property.name);
    if ((found?.fieldType ?? property.field) === 'checkbox') return [];
    const known = [...(found?.options ?? []), ...(wantedOptions(property, modelOf(property)) ?? [])].map(
      ({ value }) => value,
    );
    const values = [...new Set(known)];
    return [[property.name, values] as const];
  });
  return { changes: { group, properties: toCreate, options }, options: new Map(choices), problems };
}

/**
 * Records are found by what tells them apart: their ids, contacts by `email`, companies by `domain` (of which HubSpot allows
 * several alike), others by a property with unique values.
 */
function checkMatch({ file, object, match }: Sync, there: ReadonlyMap<string, Property>): readonly Problem[] {
  const { property } = match;
  const isKnown =
    property === 'hs_object_id' ||
    (object === 'contacts' && property === 'email') ||
    (object === 'companies' && property === 'domain');
  const found = there.get(property);
  if (isKnown || found?.hasUniqueValue === true) return [];
  const unique = [...there.values()].filter(({ hasUniqueValue }) => hasUniqueValue).map(({ name }) => name);
  const message =
    found === undefined
      ? `HubSpot has no ${object} property ${property} to find records by`
      : `several ${object} may have the same ${property}, so it does not find one record`;
  const hint = `Match by ${['hs_object_id', ...unique].join(', ')}, or make a property with unique values in HubSpot.`;
  const { line, column } = file.locate(['match', property]);
  return [{ code: 'SYNC_INVALID', file: file.path, line, column, value: property, message, hint }];
}

function newProperty(sync: Sync, property: SyncProperty, model: Model | undefined): NewProperty {
  const { name, label, type, field } = property;
  const options = type === 'bool' ? booleanOptions : type === 'enumeration' ? wantedOptions(property, model) : null;
  const description = describeProperty(sync, property, model);
  const made = { name, label, description, type, fieldType: field, groupName: sync.propertyGroup };
  return options === null ? made : { ...made, options };
}

/** HubSpot keeps a yes-or-no property as a choice of these two. */
const booleanOptions: readonly PropertyOption[] = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

/** The property's own options, else the model's tiers in their order; null where nobody says them. */
function wantedOptions(property: SyncProperty, model: Model | undefined): readonly PropertyOption[] | null {
  if (property.options !== undefined) return property.options;
  if (model === undefined || !isScored(model)) return null;
  if (model.kind === 'combine' && property.column === gradeColumn) {
    return gradesOf(model).map((grade) => ({ value: grade, label: grade }));
  }
  const tiers = allTiers(model);
  return tiers.length === 0 ? null : tiers.map(({ name, label }) => ({ value: name, label: label ?? labelOf(name) }));
}

function missingOptions(property: SyncProperty, model: Model | undefined, found: Property): readonly OptionsToAdd[] {
  const has = found.options ?? [];
  const wanted = wantedOptions(property, model) ?? [];
  const isThere = ({ value }: PropertyOption) => has.some((option) => option.value === value);
  const added = wanted.filter((option) => !isThere(option));
  if (added.length === 0) return [];
  // In the model's order, with HubSpot's labels, which somebody may have changed; what only HubSpot has comes last.
  const first = wanted.map((option) => has.find(({ value }) => value === option.value) ?? option);
  const others = has.filter(({ value }) => !wanted.some((option) => option.value === value));
  return [{ property: property.name, added, all: [...first, ...others] }];
}

function findMisfit(
  property: SyncProperty,
  found: Property,
): { readonly message: string; readonly hint: string } | null {
  if (found.calculated || found.readOnly) {
    return {
      message: `HubSpot lets nobody write ${property.name}: it is ${found.calculated ? 'calculated' : 'read-only'}`,
      hint: 'Choose another name: Scoreline creates the property.',
    };
  }
  if (found.type !== property.type) {
    return {
      message: `${property.name} exists in HubSpot with type ${found.type}, the sync says ${property.type}`,
      hint: `Use type ${found.type}, or another name: Scoreline never changes the type of a property.`,
    };
  }
  return null;
}

function problemAt(sync: Sync, property: SyncProperty, key: string, message: string, hint: string): Problem {
  const { line, column } = sync.file.locate(['properties', property.name, key]);
  return { code: 'SYNC_INVALID', file: sync.file.path, line, column, value: property.type, message, hint };
}

/** `lead_score` to `Lead score`. */
function labelOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
