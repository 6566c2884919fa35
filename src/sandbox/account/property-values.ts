/**
 * A record's property values by name. It has no prototype, so that a property may be called `constructor`; and unlike
 * the objects of `Object.create(null)` it keeps V8's fast layout, which matters at a million records.
 */
export interface PropertyValues {
  [name: string]: string;
}

const PropertyValuesClass = class {} as { new (): PropertyValues; prototype: object };
Object.setPrototypeOf(PropertyValuesClass.prototype, null);
delete (PropertyValuesClass.prototype as { constructor?: unknown }).constructor;

/** Makes values of their own, filled from `source` in its order. */
export function propertyValues(source: Readonly<Record<string, string>> = {}): PropertyValues {
  return Object.assign(new PropertyValuesClass(), source);
}
