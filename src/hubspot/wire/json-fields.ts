/** Readers for JSON whose shape nobody vouches for: each returns what was asked for or a harmless nothing. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** Numbers and booleans become text, since HubSpot is not always consistent about ids and values. */
export function asText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return undefined;
  }
}

/** A single text where a list is expected is a list of one; what is not text is left out. */
export function asTexts(value: unknown): string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.map(asText).filter((text) => text !== undefined);
}

/** The objects of a list; anything else in it is left out. */
export function asObjects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject).filter((object) => object !== undefined) : [];
}

export function asTextLists(value: unknown): Record<string, string[]> {
  return Object.fromEntries(Object.entries(asObject(value) ?? {}).map(([key, texts]) => [key, asTexts(texts)]));
}

/** @returns undefined where the text is not JSON; JSON itself never yields undefined */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
