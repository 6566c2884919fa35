import { didYouMean } from '../../errors/did-you-mean.ts';
import type { JinjaError } from './run-jinja.ts';
import { functionNames } from './template-functions.ts';
import type { TemplateProblem } from './template-problems.ts';

/** An error of the template engine as a problem at its place, in words that say more where the engine's say little. */
export function jinjaProblem(error: JinjaError, template: string): TemplateProblem {
  const { line = 1, column } = error;
  const lineStart = template
    .split('\n')
    .slice(0, line - 1)
    .reduce((offset, text) => offset + text.length + 1, 0);
  const lineText = template.slice(lineStart).split('\n', 1)[0] ?? '';
  const place = (word: string | undefined) => {
    const at = word === undefined ? -1 : lineText.search(new RegExp(`\\b${word}\\b`));
    if (word !== undefined && at >= 0) return { start: lineStart + at, end: lineStart + at + word.length };
    const from = column === undefined ? lineText.search(/\S|$/) : column - 1;
    return { start: lineStart + from, end: lineStart + lineText.length };
  };

  const unknownFunction = /^unknown function: (\w+) is unknown$/.exec(error.message)?.[1];
  if (unknownFunction !== undefined) {
    const message = `there is no function \`${unknownFunction}\` in templates`;
    return {
      ...place(unknownFunction),
      message,
      hint: didYouMean(unknownFunction, [...functionNames.values, ...functionNames.relations]),
    };
  }
  const unknownFilter = /^unknown filter: filter (\w+) is unknown$/.exec(error.message)?.[1];
  if (unknownFilter !== undefined)
    return { ...place(unknownFilter), message: `there is no filter \`${unknownFilter}\`` };
  if (error.message.startsWith('undefined value')) {
    const hint =
      "SQL inside {{ }} stands in quotes, as in {{ email_domain('email') }}; parameters are read by param('name').";
    return { ...place(undefined), message: 'a variable of this line is not defined', hint };
  }
  if (error.message.startsWith('template not found')) {
    return { ...place(undefined), message: 'a template cannot include or extend another one' };
  }
  if (error.message.startsWith('engine ran out of fuel')) {
    return {
      ...place(undefined),
      message: 'the template does not come to an end: it was stopped after a million steps',
    };
  }
  return { ...place(undefined), message: error.message };
}
