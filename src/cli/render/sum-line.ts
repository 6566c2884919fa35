import { stripVTControlCharacters } from 'node:util';
import type { Painter } from './painter.ts';

/** A line of a sum, with its number under those of the others. */
export function sumLine(label: string, value: number, note: string, paint: Painter): string {
  const width = 52 + (label.length - stripVTControlCharacters(label).length);
  return `  ${label.padEnd(width)} ${signed(value).padStart(10)}${note && paint.dim(`   ${note}`)}`;
}

export function points(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

export function signed(value: number): string {
  return value > 0 ? `+${points(value)}` : points(value);
}
