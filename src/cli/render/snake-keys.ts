/**
 * Plain data with its members renamed, on all levels, from the camelCase of our code to the snake_case of our JSON. Only
 * for data whose member names are all ours: a user's names stand in values there, never in keys.
 */
export function snakeKeys(data: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [snakeCase(key), inside(value)]));
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return snakeKeys(value);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
