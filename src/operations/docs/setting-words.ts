import type {
  Duration,
  DurationSetting,
  NumberSetting,
  ParamReference,
  ParamValue,
  ResolvedParam,
} from '../../project/setting-types.ts';
import { parseDuration } from '../../project/settings.ts';

/** What a model's file says, with the values that its parameters have, in words; SQL stands between backticks. */
export class SettingWords {
  readonly #params: ReadonlyMap<string, ResolvedParam>;

  /** @param params of the model; all that it takes have values */
  constructor(params: ReadonlyMap<string, ResolvedParam>) {
    this.#params = params;
  }

  number(setting: NumberSetting): number {
    const value = typeof setting === 'number' ? setting : this.#value(setting);
    if (typeof value !== 'number') throw new TypeError('The setting is no number');
    return value;
  }

  /** `14 days` */
  duration(setting: DurationSetting): string {
    const value = 'param' in setting ? this.#value(setting) : setting;
    const { amount, unit } = typeof value === 'string' ? parsed(value) : (value as Duration);
    return `${amount} ${amount === 1 ? unit : `${unit}s`}`;
  }

  /** A relation, or SQL over its columns, with less of the template's marks: `logins`, `seats > 5`. */
  sql(text: string): string {
    const plain = text.replaceAll(templateCall, (_, call: string, written: string) => this.#call(call, written));
    return `\`${plain.replaceAll(/\s+/g, ' ').replaceAll('`', "'").trim()}\``;
  }

  #call(call: string, written: string): string {
    const inner = written.replaceAll(argument, (_, param, single, double) =>
      param === undefined ? (single ?? double) : this.#literal(param),
    );
    if (call === 'ref') return inner;
    if (call === 'source') return inner.replace(/\s*,\s*/, '.');
    return call === 'param' ? this.#literal(inner) : `${call}(${inner})`;
  }

  #literal(name: string): string {
    const value = this.#params.get(name)?.value;
    return name === 'as_of' || value === undefined ? name : literalOf(value);
  }

  #value({ param }: ParamReference): ParamValue | undefined {
    return this.#params.get(param)?.value;
  }
}

const templateCall = /\{\{-?\s*(\w+)\(((?:[^{}])*)\)\s*-?\}\}/g;
const argument = /param\(\s*['"](\w+)['"]\s*\)|'([^']*)'|"([^"]*)"/g;

function literalOf(value: ParamValue): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object') return `(${value.map((each) => `'${each}'`).join(', ')})`;
  return String(value);
}

function parsed(written: string): Duration {
  const duration = parseDuration(written);
  if (duration === null) throw new TypeError(`"${written}" is no duration`);
  return duration;
}

/** `+10`, `-5` */
export function signed(points: number): string {
  return points > 0 ? `+${points}` : String(points);
}

/** 0.05 as `5%` */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(12))}%`;
}
