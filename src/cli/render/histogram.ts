import type { ScoreDiff } from '../../build/diff/score-diff.ts';
import { formatCount } from './format.ts';

const barWidth = 26;
/** A bar ends in eighths of a character. */
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** The distribution of scores before and after, side by side: one line a range, the longest bar as wide as there is room. */
export function histogram(distribution: ScoreDiff['distribution'], indent: string): string {
  const most = Math.max(...distribution.flatMap(({ before, after }) => [before, after]), 1);
  const from = distribution.map((each) => formatCount(each.from));
  const to = distribution.map((each) => formatCount(each.to));
  const counts = distribution.flatMap(({ before, after }) => [formatCount(before), formatCount(after)]);
  const width = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const [fromWidth, toWidth, countWidth] = [width(from), width(to), width([...counts, 'before'])];
  const label = fromWidth + ' – '.length + toWidth;
  const half = countWidth + 1 + barWidth;
  const lines = distribution.map(({ before, after }, index) => {
    const range = `${from[index]?.padStart(fromWidth)} – ${to[index]?.padStart(toWidth)}`;
    const side = (count: number) => `${formatCount(count).padStart(countWidth)} ${bar(count / most)}`;
    return `${indent}${range}  ${side(before).padEnd(half)}  ${side(after)}`.trimEnd();
  });
  const head = `${indent}${' '.repeat(label)}  ${'before'.padStart(countWidth).padEnd(half)}  ${'after'.padStart(countWidth)}`;
  return [head, ...lines].join('\n');
}

/** A share from 0 to 1; what is there at all is seen. */
function bar(share: number): string {
  const parts = share === 0 ? 0 : Math.max(1, Math.round(share * barWidth * 8));
  return `${'█'.repeat(Math.floor(parts / 8))}${eighths[parts % 8]}`;
}
