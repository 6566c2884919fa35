/**
 * Plain data with its members renamed, on all levels, from the camelCase of our code to the snake_case of our JSON. Only
 * for data whose member names are all ours: a user's names stand in values there, never in keys.
 */
export function snakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [snakeCase(key), snakeKeys(each)]));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
