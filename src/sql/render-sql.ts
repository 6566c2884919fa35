import { sql } from 'kysely';
import { reservedCharacters } from './markers.ts';
import { checkSql } from './syntax/check-sql.ts';
import type { CallResults } from './template/call-context.ts';
import { checkFlow } from './template/check-flow.ts';
import { checkNames } from './template/check-names.ts';
import { checkPieces } from './template/check-pieces.ts';
import { jinjaProblem } from './template/jinja-problem.ts';
import { joinPieces } from './template/join-pieces.ts';
import { placeMark, type Range, rangeInTemplate, takePlaces } from './template/places.ts';
import { type JinjaResult, jinjaSyntaxError, runJinja } from './template/run-jinja.ts';
import { scanTemplate, type TemplatePart } from './template/scan-template.ts';
import { findTemplateCalls, numberCalls, type TemplateCall } from './template/template-calls.ts';
import { functionNames, templateFunctions } from './template/template-functions.ts';
import { reportProblems, type TemplateProblem } from './template/template-problems.ts';
import type { Fragment, RenderContext, Rendered, TemplateText } from './types.ts';

/**
 * Renders a template of a project into a fragment of SQL. Text of the template becomes text of the query; what its calls
 * stand for, parameters above all, is put in as fragments, so that no value ever becomes SQL.
 *
 * A `select` comes without parentheses around it and without a semicolon; an `expression` holds together within
 * parentheses, which whoever uses it puts around it; a `relation` stands behind FROM. Problems go to `context.report`, all
 * of them; what is returned then says at least which names were read.
 */
export function renderSql(template: TemplateText, context: RenderContext): Rendered {
  const results = noResults();
  const problems: TemplateProblem[] = [];
  const fragment = renderFragment({ template, context, report: (problem) => problems.push(problem) }, results);
  reportProblems(template, problems, context.report);
  const { refs, sources, params } = results;
  return { fragment: fragment ?? sql`null`, refs, sources, params };
}

interface Rendering {
  readonly template: TemplateText;
  readonly context: RenderContext;
  readonly report: (problem: TemplateProblem) => void;
}

interface ScannedTemplate {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
  readonly calls: readonly TemplateCall[];
}

function noResults(): CallResults {
  return { pieces: [], refs: new Set(), sources: new Set(), params: new Set() };
}

/** @returns null where something was reported */
function renderFragment(rendering: Rendering, results: CallResults): Fragment | null {
  const { template, context, report } = rendering;
  const scanned = scan(template.text, report);
  if (scanned === null) return null;
  const misuses = checkFlow(scanned.parts, functionNames);
  for (const misuse of misuses) report(misuse);

  const rendered = run(scanned, context, { results, report });
  // What a misused piece leads to would be reported a second time, in odder words.
  if (misuses.length > 0) return null;
  if (!rendered.ok) {
    report(jinjaProblem(rendered.error, template.text));
    return null;
  }

  const { tokens, problems } = checkSql(rendered.text, template.kind, context.dialect.lexis);
  const all = [...problems, ...checkPieces(tokens, results.pieces, template.kind)];
  const inTemplate = all.length === 0 ? null : placesOf(scanned, context, rendered.text, results);
  for (const problem of all) report({ ...problem, ...inTemplate?.(problem) });
  const broken = results.pieces.some(({ content }) => content.kind === 'broken');
  return broken || all.length > 0 ? null : joinPieces(rendered.text, tokens, results.pieces);
}

function scan(text: string, report: Rendering['report']): ScannedTemplate | null {
  const reserved = text.search(reservedCharacters);
  if (reserved >= 0) {
    report({
      start: reserved,
      end: reserved + 1,
      message: 'a character that Scoreline uses itself: expected none of U+0000 and U+E000 to U+E003',
    });
    return null;
  }
  const syntaxError = jinjaSyntaxError(text);
  if (syntaxError !== null) {
    report(jinjaProblem(syntaxError, text));
    return null;
  }
  const parts = scanTemplate(text);
  const names = new Set([...functionNames.values, ...functionNames.relations]);
  const misnomers = checkNames(parts, names);
  for (const misnomer of misnomers) report(misnomer);
  return misnomers.length > 0 ? null : { text, parts, calls: findTemplateCalls(parts, names) };
}

interface RunOptions {
  readonly results: CallResults;
  readonly report: Rendering['report'];
  /** Marks where the texts of the template begin. */
  readonly markPlaces?: true;
}

function run(
  scanned: ScannedTemplate,
  context: RenderContext,
  { results, report, markPlaces }: RunOptions,
): JinjaResult {
  const { dialect, scope } = context;
  const functions = templateFunctions({
    dialect,
    scope,
    results,
    calls: scanned.calls,
    report: ({ start, end }, message, hint) => report({ start, end, message, hint }),
  });
  const numbered = numberCalls(scanned, markPlaces === true ? placeMark : null);
  return runJinja(numbered, functions, { target: { type: dialect.warehouse } });
}

/**
 * Leads from ranges of the rendered text to the template: to the call where a call's piece stands, else to the text. For
 * that the template is rendered once more with marks in it, which a template without problems never sees.
 */
function placesOf(
  scanned: ScannedTemplate,
  context: RenderContext,
  rendered: string,
  { pieces }: CallResults,
): (range: Range) => Range {
  const marked = run(scanned, context, { results: noResults(), report: () => {}, markPlaces: true });
  const { text, places } = takePlaces(marked.ok ? marked.text : '');
  return (range) =>
    rangeInTemplate(range, { rendered, pieces, parts: scanned.parts, places: text === rendered ? places : [] });
}
