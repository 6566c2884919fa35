/** Texts by property name; null where there is no value. */
export type RowValues = Readonly<Record<string, string | null>>;

/** Reads what `jsonObject` of a dialect wrote. A null is an object without members. */
export function parseValues(json: string | null): RowValues {
  if (json === null) return {};
  const parsed: unknown = JSON.parse(json);
  if (!isRowValues(parsed)) throw new TypeError('Row values are no JSON object of texts');
  return parsed;
}

// Plain loops: this is done for every row that is sent.
function isRowValues(parsed: unknown): parsed is RowValues {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return false;
  for (const value of Object.values(parsed)) if (value !== null && typeof value !== 'string') return false;
  return true;
}

/** The members named, in that order; a member that is not there counts as null. */
export function pickValues(values: RowValues, names: readonly string[]): RowValues {
  const picked: Record<string, string | null> = {};
  for (const name of names) picked[name] = values[name] ?? null;
  return picked;
}

/** What HubSpot is sent: the empty text clears. */
export function toPayload(values: RowValues): Record<string, string> {
  const payload: Record<string, string> = {};
  for (const name of Object.keys(values)) payload[name] = values[name] ?? '';
  return payload;
}
