import { markerPattern, placeEnd, placeStart } from '../markers.ts';
import type { TemplatePiece } from './call-context.ts';
import type { TemplatePart } from './scan-template.ts';

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where a text of the template begins in the rendered text. */
export interface Place {
  readonly rendered: number;
  readonly template: number;
}

/** What `numberCalls` puts in front of a text. */
export function placeMark(offset: number): string {
  return `${placeStart}${offset}${placeEnd}`;
}

/** Takes the marks of places out of a rendered text. */
export function takePlaces(marked: string): { readonly text: string; readonly places: readonly Place[] } {
  const [first = '', ...rest] = marked.split(placeStart);
  const places: Place[] = [];
  let text = first;
  for (const part of rest) {
    const end = part.indexOf(placeEnd);
    places.push({ rendered: text.length, template: Number(part.slice(0, end)) });
    text += part.slice(end + 1);
  }
  return { text, places };
}

export interface RenderedText {
  readonly rendered: string;
  readonly pieces: readonly TemplatePiece[];
  readonly parts: readonly TemplatePart[];
  readonly places: readonly Place[];
}

/**
 * A range of the rendered text as one of the template: that of the call where a piece stands at its start, else that of the
 * text, exact where the text stands in the template itself and near it where a tag made it.
 */
export function rangeInTemplate({ start, end }: Range, { rendered, pieces, parts, places }: RenderedText): Range {
  const index = markerPattern.exec(rendered.slice(start))?.[1];
  const piece = index === undefined ? undefined : pieces[Number(index)];
  if (piece !== undefined) return piece.call;
  const place = places.findLast((candidate) => candidate.rendered <= start);
  if (place === undefined) return { start: 0, end: 0 };
  const textEnd =
    parts.find((part) => part.start <= place.template && place.template < part.end)?.end ?? place.template;
  const inTemplate = (offset: number) => Math.min(place.template + offset - place.rendered, textEnd);
  return { start: inTemplate(start), end: inTemplate(end) };
}
