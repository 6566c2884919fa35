/** The index of every value that stood before. */
export function repeatedAt(values: readonly string[]): readonly number[] {
  return [...values.keys()].filter((index) => values.indexOf(values[index] ?? '') < index);
}
