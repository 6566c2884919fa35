import type {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from '@hubspot/api-client/lib/codegen/crm/properties/index.js';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Clock } from './clock.ts';
import { readPropertiesLeft, readRecordsLeft } from './limits.ts';
import type { HubSpotSchema, NewProperty, Property, PropertyOption } from './types.ts';
import { type AnswerShape, groupShape, groupsShape, propertiesShape, propertyShape } from './wire/answer-shapes.ts';
import type { Effect, Transport } from './wire/transport.ts';
import { propertyApis } from './wire/vendor-apis.ts';
import { refusalIn } from './wire/wire-error.ts';

/** A new definition was seen by readers 0.4 to 0.7 s after its creation. */
const visibilityPauseMs = 500;
const maxVisibilityReads = 20;

/** An option with the settings that only HubSpot's users make. */
interface FullOption extends PropertyOption {
  readonly description?: string;
  readonly hidden: boolean;
}

interface FullProperty extends Property {
  readonly options: readonly FullOption[];
}

/** Properties and groups over the wire. Creating one twice does no harm, so lost answers are simply repeated. */
export function hubSpotSchema(transport: Transport, clock: Clock): HubSpotSchema {
  const apis = (effect: Effect, shape: AnswerShape, signal?: AbortSignal, successStatus: 200 | 201 = 200) =>
    propertyApis(transport, { effect, shape, signal, successStatus });

  async function readProperty(object: string, name: string, signal?: AbortSignal): Promise<FullProperty | undefined> {
    const { core } = await apis('read', propertyShape, signal);
    try {
      return fullProperty(await core.getByName(object, name));
    } catch (error) {
      if (refusalIn(error)?.status === 404) return undefined;
      throw error;
    }
  }

  /** Reads a property again until it is as it was just made. */
  async function awaitProperty(
    object: string,
    name: string,
    isDone: (property: FullProperty) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    for (let reads = 1; ; reads += 1) {
      const property = await readProperty(object, name, signal);
      if (property !== undefined && isDone(property)) return;
      if (reads === maxVisibilityReads) {
        const text = `HubSpot took the definition of ${object} property ${name}, but does not show it after ${reads} reads`;
        throw new ScorelineError('DESTINATION_UNREACHABLE', text);
      }
      await clock.sleep(visibilityPauseMs, signal);
    }
  }

  async function updateOptions(
    object: string,
    name: string,
    options: readonly PropertyOption[],
    signal?: AbortSignal,
  ): Promise<void> {
    const current = await readProperty(object, name, signal);
    if (current === undefined) {
      throw new ScorelineError(
        'DESTINATION_REFUSED',
        `HubSpot has no ${object} property ${name} to set the options of`,
      );
    }
    const { core } = await apis('repeatable', propertyShape, signal);
    await core.update(object, name, { options: mergeOptions(options, current.options) });
    await awaitProperty(object, name, (property) => hasOptions(property, options), signal);
  }

  return {
    async readProperties(object, names, signal) {
      const { core } = await apis('read', propertiesShape, signal);
      const { results } = await core.getAll(object, false);
      const listed = results.filter(({ archived }) => archived !== true).map(fullProperty);
      const isListed = new Set(listed.map(({ name }) => name));
      const unlisted = await Promise.all(
        names.filter((name) => !isListed.has(name)).map((name) => readProperty(object, name, signal)),
      );
      return [...listed, ...unlisted.filter((property) => property !== undefined)].map(plainProperty);
    },

    async readGroups(object, signal) {
      const { groups } = await apis('read', groupsShape, signal);
      return (await groups.getAll(object)).results.map(({ name }) => name);
    },

    readPropertiesLeft: (object, signal) => readPropertiesLeft(transport, object, signal),

    readRecordsLeft: (object, signal) => readRecordsLeft(transport, object, signal),

    async createGroup(object, group, signal) {
      const { groups } = await apis('repeatable', groupShape, signal, 201);
      await unlessItExists(groups.create(object, { ...group }));
    },

    async createProperty(object, property, signal) {
      const { core } = await apis('repeatable', propertyShape, signal, 201);
      const { name, type, options = [] } = property;
      await unlessItExists(core.create(object, propertyInput(property)));
      let isComplete = true;
      await awaitProperty(
        object,
        name,
        (found) => {
          if (found.type !== type) throw typeClash(object, name, found.type, type);
          isComplete = hasOptions(found, options);
          return true;
        },
        signal,
      );
      // It existed, or was restored from the archive, with other options.
      if (!isComplete) await updateOptions(object, name, options, signal);
    },

    updateOptions,
  };
}

async function unlessItExists(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal?.status !== 409 && refusal?.category !== 'OBJECT_ALREADY_EXISTS') throw error;
  }
}

function typeClash(object: string, name: string, found: string, wanted: string): ScorelineError {
  const text = `HubSpot already has a ${object} property ${name} of type ${found}, where ${wanted} is needed`;
  return new ScorelineError('DESTINATION_REFUSED', text, {
    hint: 'Use another property name in the sync, or its type.',
  });
}

function propertyInput({ options, ...property }: NewProperty) {
  return {
    ...property,
    // HubSpot judges the types: the vendor's enumerations lack some that it takes.
    type: property.type as PropertyCreateTypeEnum,
    fieldType: property.fieldType as PropertyCreateFieldTypeEnum,
    options: options && mergeOptions(options, []),
  };
}

/** The wanted options in their order, each with the settings it had, and behind them those that only HubSpot has. */
function mergeOptions(wanted: readonly PropertyOption[], current: readonly FullOption[]) {
  const currentByValue = new Map(current.map((option) => [option.value, option]));
  const wantedValues = new Set(wanted.map(({ value }) => value));
  const others = current.filter(({ value }) => !wantedValues.has(value));
  return [...wanted, ...others].map(({ value, label }, displayOrder) => {
    const { description, hidden = false } = currentByValue.get(value) ?? {};
    return { value, label, description, hidden, displayOrder };
  });
}

function hasOptions(property: FullProperty, options: readonly PropertyOption[]): boolean {
  const values = new Set(property.options.map(({ value }) => value));
  return options.every(({ value }) => values.has(value));
}

interface VendorProperty {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly type: string;
  readonly fieldType: string;
  readonly groupName: string;
  readonly options: readonly FullOption[];
  readonly hasUniqueValue?: boolean;
  readonly hubspotDefined?: boolean;
  readonly calculated?: boolean;
  readonly modificationMetadata?: { readonly readOnlyValue: boolean };
}

function fullProperty(property: VendorProperty): FullProperty {
  const { name, label, description, type, fieldType, groupName } = property;
  return {
    name,
    label,
    description,
    type,
    fieldType,
    groupName,
    options: property.options.map(({ value, label, description, hidden }) => ({ value, label, description, hidden })),
    hasUniqueValue: property.hasUniqueValue === true,
    hubspotDefined: property.hubspotDefined === true,
    calculated: property.calculated === true,
    readOnly: property.modificationMetadata?.readOnlyValue === true,
  };
}

/** Without the options' settings that only an update of the options needs. */
function plainProperty(property: FullProperty): Property {
  return { ...property, options: property.options.map(({ value, label }) => ({ value, label })) };
}
