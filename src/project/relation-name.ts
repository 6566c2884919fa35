/** What a relation in YAML names, as far as it can be told without rendering the template. */
export type RelationName =
  | { readonly kind: 'ref'; readonly model: string }
  | { readonly kind: 'source'; readonly source: string; readonly table: string }
  /** A plain name, or a template that the renderer has to judge. */
  | { readonly kind: 'other' };

const quoted = `(?:'([^']*)'|"([^"]*)")`;
const refPattern = new RegExp(`^\\{\\{-?\\s*ref\\(\\s*${quoted}\\s*\\)\\s*-?\\}\\}$`);
const sourcePattern = new RegExp(`^\\{\\{-?\\s*source\\(\\s*${quoted}\\s*,\\s*${quoted}\\s*\\)\\s*-?\\}\\}$`);

/** Reads `{{ ref('leads') }}` and `{{ source('app', 'logins') }}`. */
export function parseRelation(written: string): RelationName {
  const text = written.trim();
  const ref = refPattern.exec(text);
  if (ref !== null) return { kind: 'ref', model: ref[1] ?? ref[2] ?? '' };
  const source = sourcePattern.exec(text);
  if (source !== null)
    return { kind: 'source', source: source[1] ?? source[2] ?? '', table: source[3] ?? source[4] ?? '' };
  return { kind: 'other' };
}
