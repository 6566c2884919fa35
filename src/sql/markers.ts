/**
 * What a call of a template leaves behind in the rendered text: a number between two characters of Unicode's private use
 * area, which no template may contain. The numbers lead back to the fragments when the text is split.
 */
export const markerStart = '\uE000';
const markerEnd = '\uE001';

/** Around the offset of a text part of the template; only in a rendering that is made to find the place of a problem. */
export const placeStart = '\uE002';
export const placeEnd = '\uE003';

/** NUL beside them: it ends a text where an engine is written in C. */
export const reservedCharacters = /[\uE000-\uE003\0]/;

/** A marker at the beginning of a text, with its number. */
export const markerPattern = /^\uE000(\d+)\uE001/;

export function marker(index: number): string {
  return `${markerStart}${index}${markerEnd}`;
}

/** @returns null where the text is not exactly one marker */
export function markerIndex(text: string): number | null {
  const match = markerPattern.exec(text);
  return match === null || match[0].length < text.length ? null : Number(match[1]);
}
