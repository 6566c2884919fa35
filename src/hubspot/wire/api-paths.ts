/** `v3` is what the generated APIs call; the dated version has the same bodies under other paths. */
export type ApiVersion = 'v3' | '2026-09';

/** Every family of paths that is called, and its dated form (`D` stands for the version). Checked 2026-11-22. */
const datedPaths: readonly (readonly [v3: string, dated: string])[] = [
  ['/crm/v3/objects/', '/crm/objects/D/'],
  ['/crm/v3/properties/', '/crm/properties/D/'],
  ['/crm/v3/lists', '/crm/lists/D'],
  ['/crm/v3/limits/', '/crm/limits/D/'],
  ['/account-info/v3/', '/account-info/D/'],
  // About tokens: it has no dated form.
  ['/oauth/v2/', '/oauth/v2/'],
];

/**
 * Maps a path of the v3 API (with its query, if any) to the version that is used.
 * @throws RangeError for a path that the table does not know: a new call must be added there
 */
export function pathInVersion(v3Path: string, version: ApiVersion): string {
  if (version === 'v3') return v3Path;
  const entry = datedPaths.find(([v3]) => v3Path.startsWith(v3));
  if (entry === undefined) throw new RangeError(`no dated path is known for ${v3Path}`);
  const [v3, dated] = entry;
  return dated.replace('D', version) + v3Path.slice(v3.length);
}
