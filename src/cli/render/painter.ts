import { styleText } from 'node:util';
import type { Io, Output } from '../io.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours by meaning; plain text where the stream is no terminal or NO_COLOR is set. */
export interface Painter {
  strong(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

export function painterFor(stream: Output, env: Io['env']): Painter {
  const isColoured = stream.isTTY === true && !env.NO_COLOR;
  const style = (format: Style) => (text: string) =>
    isColoured ? styleText(format, text, { validateStream: false }) : text;
  return { strong: style('bold'), dim: style('dim'), good: style('green'), warn: style('yellow'), bad: style('red') };
}

export const plainPainter: Painter = {
  strong: (text) => text,
  dim: (text) => text,
  good: (text) => text,
  warn: (text) => text,
  bad: (text) => text,
};
