import type { TemplatePart } from './scan-template.ts';
import type { TemplateProblem } from './template-problems.ts';

/**
 * Finds names of functions that a template uses for something else or without calling them. Every call is found by its
 * name, so a function must have no second name and no name a second meaning.
 */
export function checkNames(parts: readonly TemplatePart[], functions: ReadonlySet<string>): readonly TemplateProblem[] {
  return parts.flatMap((part) => {
    if (part.kind === 'text' || part.kind === 'comment') return [];
    return part.tokens.flatMap(({ kind, text, start, end }, index): readonly TemplateProblem[] => {
      const before = part.tokens[index - 1]?.text;
      if (kind !== 'name' || !functions.has(text) || before === '.') return [];
      const isOther = ['macro', 'block', '|', 'is'].includes(before ?? '');
      if (part.tokens[index + 1]?.text === '(' && !isOther) return [];
      return [
        {
          start,
          end,
          message: `a function of Scoreline: it is called as ${text}(…), and nothing else can have its name`,
        },
      ];
    });
  });
}
