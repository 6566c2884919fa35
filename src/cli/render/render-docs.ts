import type { DocumentedModel } from '../../operations/docs/document-model.ts';
import type { DocumentedProject } from '../../operations/docs/document-project.ts';
import { cellTable, escaped } from './markdown-text.ts';

type Model = DocumentedProject['models'][number];

/** How a project scores, as a page in Markdown for those who work with its scores. */
export function renderDocs({ project, target, models }: DocumentedProject): string {
  const intro = `How leads and accounts of the project ${escaped(project)} get their scores (target ${escaped(target)}).`;
  const none = 'The project scores nothing: none of its models is a scorecard or a combine.';
  const page = [`# Scores of ${escaped(project)}`, models.length === 0 ? none : intro, ...models.flatMap(modelParts)];
  return page.filter((part) => part !== '').join('\n\n');
}

function modelParts(model: Model): readonly string[] {
  return [
    `## ${escaped(model.model)}`,
    model.description === null ? '' : escaped(model.description),
    scope(model),
    points(model),
    combination(model),
    tiers(model),
    segments(model),
    disqualified(model),
    model.overrides === null
      ? ''
      : `What people set by hand in \`${model.overrides}\` wins over all of this until it expires.`,
    properties(model),
    lists(model),
  ];
}

function scope({ entity, range, card }: Model): string {
  const bounds = range === null ? '' : `, from ${range.min} to ${range.max}`;
  const base = card === null || card.base === 0 ? '' : ` Everyone starts with ${card.base}.`;
  return `One score for each ${escaped(entity)}${bounds}.${base}`;
}

function points({ card }: Model): string {
  if (card === null) return '';
  const head = ['Rule', 'Looks at', 'Points', 'Window', 'Decay', 'Limit', 'Group'];
  const rows = card.rules.map((rule) => [
    rule.description === null ? escaped(rule.label) : `${escaped(rule.label)}<br>${escaped(rule.description)}`,
    words(rule.looksAt),
    words(rule.points),
    words(rule.window ?? ''),
    words(rule.decay ?? ''),
    rule.limit === null ? '' : String(rule.limit),
    escaped(rule.group ?? ''),
  ]);
  const groups = card.groups.map(({ group, min, max }) => [group, bound(min), bound(max)].map(escaped));
  return [
    '### Points',
    cellTable(head, rows),
    groups.length === 0
      ? ''
      : `Groups cap their rules together:\n\n${cellTable(['Group', 'At least', 'At most'], groups)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function bound(value: number | null): string {
  return value === null ? '' : String(value);
}

function combination({ combined }: Model): string {
  if (combined === null) return '';
  const { score, inputs, grade } = combined;
  const names = inputs.map(({ name, model }) => [escaped(name), `\`${model}\``]);
  const [letter, digit] = grade.map(({ input, steps }) => {
    return `${escaped(input)} (${steps.map(({ name, reachedBy }) => `${name} ${reachedBy}`).join(', ')})`;
  });
  return [
    '### Made of',
    `Score: ${words(score)}`,
    cellTable(['Name', 'Score of'], names),
    letter === undefined || digit === undefined ? '' : `Grade: a letter for ${letter}, a digit for ${digit}.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function tiers({ tiers: all, hysteresis }: DocumentedModel): string {
  if (all.length === 0) return '';
  const rows = all.map(({ tier, label, reachedBy }) => [tier, label ?? '', reachedBy].map(escaped));
  const keeps = `A tier is kept until the score is more than ${hysteresis} below its threshold.`;
  return ['### Tiers', cellTable(['Tier', 'In HubSpot', 'Score'], rows), ...(hysteresis === null ? [] : [keeps])].join(
    '\n\n',
  );
}

function segments({ segments: all }: DocumentedModel): string {
  if (all.length === 0) return '';
  const rows = all.map(({ segment, when, changes }) => [
    escaped(segment),
    when === null ? 'all the rest' : words(when),
    changes.map(words).join('<br>'),
  ]);
  return `### Segments\n\nThe first that matches is taken.\n\n${cellTable(['Segment', 'Who', 'What differs'], rows)}`;
}

function disqualified({ disqualified: gates }: DocumentedModel): string {
  if (gates.length === 0) return '';
  const rows = gates.map(({ label, when }) => [escaped(label), words(when)]);
  return `### Ruled out\n\n${cellTable(['Reason', 'Who'], rows)}`;
}

function properties({ properties: all }: Model): string {
  if (all.length === 0) return '';
  const rows = all.map(({ object, property, label, type, column }) => [
    escaped(label),
    `\`${property}\``,
    escaped(object),
    escaped(type),
    `\`${column}\``,
  ]);
  return `### In HubSpot\n\n${cellTable(['Property', 'Internal name', 'Object', 'Type', 'Column of the model'], rows)}`;
}

function lists({ lists: all }: Model): string {
  if (all.length === 0) return '';
  const rows = all.map(({ list, object, description, where }) => [
    escaped(list),
    escaped(object),
    [...(description === null ? [] : [escaped(description)]), ...(where === null ? [] : [words(where)])].join('<br>'),
  ]);
  return cellTable(['List', 'Object', 'Who'], rows);
}

/** Words with SQL between backticks, which stays code; a bar would end the cell of a table all the same. */
function words(text: string): string {
  const parts = text.split(/(`[^`]*`)/);
  return parts.map((part) => (part.startsWith('`') ? part.replaceAll('|', '\\|') : escaped(part))).join('');
}
