import type { Finding } from '../../operations/examine.ts';
import type { Painter } from './painter.ts';

const marks = { ok: 'ok', warning: 'warn', error: 'FAIL' } as const;

/** One line each, with the way out below. */
export function renderFindings(findings: readonly Finding[], paint: Painter): string {
  return findings
    .flatMap(({ about, state, message, hint }) => {
      const mark = marks[state].padEnd(4);
      const painted = state === 'ok' ? paint.good(mark) : state === 'warning' ? paint.warn(mark) : paint.bad(mark);
      const line = `${painted}  ${about.padEnd(9)}  ${message}`;
      return hint === undefined ? [line] : [line, `                 ${hint}`];
    })
    .join('\n');
}
