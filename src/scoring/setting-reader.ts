import { sql } from 'kysely';
import type {
  DurationSetting,
  NumberSetting,
  ParamReference,
  ParamValue,
  SourceFile,
} from '../project/setting-types.ts';
import { parseDuration } from '../project/settings.ts';
import { renderSql } from '../sql/render-sql.ts';
import type { Rendered, ResolvedParam, TemplateText } from '../sql/types.ts';
import type { Expression, Meaning, Relation } from './card.ts';
import { decimalsOf, maxPoints } from './literals.ts';
import { type Span, spanOf } from './span.ts';
import type { ScoringContext } from './types.ts';

export type YamlPath = readonly (string | number)[];

/** What a number must be besides finite. */
export interface NumberKind {
  readonly expected: string;
  fits(value: number): boolean;
}

const inRange = (value: number) => Math.abs(value) <= maxPoints;
/** Limits and thresholds meet sums that are rounded to six decimals. */
const isDecimal = (value: number) => inRange(value) && decimalsOf(value) <= 6;

export const numberKinds = {
  points: { expected: 'a number of at most 100,000,000,000', fits: inRange },
  decimal: { expected: 'a number of at most 100,000,000,000 with at most 6 decimals', fits: isDecimal },
  limit: { expected: 'a number above 0 with at most 6 decimals', fits: (value) => value > 0 && isDecimal(value) },
  count: { expected: 'a whole number of at least 1', fits: (value) => Number.isSafeInteger(value) && value >= 1 },
  share: { expected: 'a share above 0 and of at most 1', fits: (value) => value > 0 && value <= 1 },
} as const satisfies Record<string, NumberKind>;

/**
 * Reads the settings and templates of one file for one model: parameters become values, templates become SQL. What does
 * not fit is reported with its place, and reading goes on.
 */
export class SettingReader {
  readonly refs = new Set<string>();
  readonly #file: SourceFile;
  readonly #context: ScoringContext;

  constructor(file: SourceFile, context: ScoringContext) {
    this.#file = file;
    this.#context = context;
  }

  report(path: YamlPath, value: string, message: string): void {
    const { line, column } = this.#file.locate(path);
    this.#context.report({ code: 'MODEL_INVALID', file: this.#file.path, line, column, value, message });
  }

  /** @returns undefined where the setting is absent or was reported */
  number(path: YamlPath, setting: NumberSetting | undefined, kind: NumberKind): number | undefined {
    if (setting === undefined) return undefined;
    const value = isReference(setting) ? this.#paramValue(path, setting, ['number', 'integer']) : setting;
    if (typeof value !== 'number') return undefined;
    if (Number.isFinite(value) && kind.fits(value)) return value;
    const origin = isReference(setting) ? `the parameter \`${setting.param}\` is ${value}` : `found ${value}`;
    this.report(path, writtenAs(setting), `${origin}: expected ${kind.expected}`);
    return undefined;
  }

  /** @returns undefined where the setting is absent or was reported */
  span(path: YamlPath, setting: DurationSetting | undefined): Span | undefined {
    if (setting === undefined) return undefined;
    const expected = 'a duration above 0 such as 14d';
    const value = isReference(setting) ? this.#paramValue(path, setting, ['duration']) : setting;
    if (value === undefined) return undefined;
    const duration = typeof value === 'string' ? parseDuration(value) : isDuration(value) ? value : null;
    if (duration !== null && duration.amount > 0) return spanOf(duration);
    this.report(path, writtenAs(setting), `expected ${expected}`);
    return undefined;
  }

  /** SQL over the columns of a relation, ready to stand inside other SQL. */
  expression(path: YamlPath, text: string): Expression {
    const rendered = this.#render(path, text, 'expression');
    const fragment = isColumn(text) ? sql`${sql.id(text.trim())}` : sql`(${rendered.fragment})`;
    const read: Expression = { fragment, meaning: this.#meaning(text, rendered) };
    return rendered.params.has('as_of') ? { ...read, readsAsOf: true } : read;
  }

  relation(path: YamlPath, text: string): Relation {
    const rendered = this.#render(path, text, 'relation');
    const { text: compiled, binds } = this.#context.dialect.compile(rendered.fragment);
    const identity = JSON.stringify([compiled, binds]);
    const relation = { fragment: rendered.fragment, meaning: this.#meaning(text, rendered), identity };
    return { ...relation, word: wordFrom(text), ...(this.#isSharded(rendered) && { isSharded: true }) };
  }

  #isSharded({ sources }: Rendered): boolean {
    return [...sources].some((name) => {
      const [source = '', table = ''] = name.split('.');
      return this.#context.project.sources.get(source)?.tables.get(table)?.identifier.endsWith('_*') === true;
    });
  }

  #render(path: YamlPath, text: string, kind: TemplateText['kind']): Rendered {
    const template: TemplateText = { text, file: this.#file.path, at: this.#file.locate(path), kind };
    const rendered = renderSql(template, this.#context);
    for (const ref of rendered.refs) this.refs.add(ref);
    return rendered;
  }

  #meaning(text: string, rendered: Rendered): Meaning {
    const params: Record<string, ParamValue> = {};
    for (const name of [...rendered.params].sort()) {
      const param = name === 'as_of' ? null : this.#context.scope.param(name);
      if (param !== null) params[name] = param.value;
    }
    return { sql: text.trim(), params };
  }

  /** Names and types were checked when the project was read; a parameter may still have got no value. */
  #paramValue(
    path: YamlPath,
    setting: ParamReference,
    types: readonly ResolvedParam['type'][],
  ): ParamValue | undefined {
    const param = this.#context.scope.param(setting.param);
    if (param !== null && types.includes(param.type)) return param.value;
    this.report(
      path,
      writtenAs(setting),
      `the parameter \`${setting.param}\` has no value of type ${types.join(' or ')}`,
    );
    return undefined;
  }
}

function isReference(setting: NumberSetting | DurationSetting): setting is ParamReference {
  return typeof setting === 'object' && 'param' in setting;
}

function isDuration(value: unknown): value is Exclude<DurationSetting, ParamReference> {
  return typeof value === 'object' && value !== null && 'amount' in value;
}

function writtenAs(setting: NumberSetting | DurationSetting): string {
  if (typeof setting === 'number') return String(setting);
  return isReference(setting) ? `{{ param('${setting.param}') }}` : `${setting.amount} ${setting.unit}s`;
}

/** A column by its bare name, quoted when used: users have columns called `order`, `at` and `group`. */
function isColumn(text: string): boolean {
  return /^\s*[A-Za-z_]\w*\s*$/.test(text) && !/^\s*(true|false|null)\s*$/i.test(text);
}

/** `logins` from `{{ ref('logins') }}`, `{{ source('app', 'logins') }}` or `raw.logins`. */
function wordFrom(template: string): string {
  const words = template.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? [];
  return words.at(-1) ?? 'rows';
}
