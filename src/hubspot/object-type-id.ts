/** HubSpot's ids of the objects that have a name of their own here. */
const objectTypeIds: ReadonlyMap<string, string> = new Map([
  ['contacts', '0-1'],
  ['companies', '0-2'],
  ['deals', '0-3'],
]);

/** @returns the id of an object's type, such as `0-1`; custom types are written as their id already */
export function objectTypeIdOf(object: string): string {
  return objectTypeIds.get(object) ?? object;
}
