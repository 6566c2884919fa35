export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SourceFile {
  /** Relative to the project's directory, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /**
   * The place of a YAML key's value (`['rules', 2, 'where']`), or of the nearest parent that exists. Keys as in the file
   * (snake_case). For text it is where its first character stands: after a quote, or on the line below `|`, so that lines
   * of the text can be counted from it. For a file that is not YAML: line 1, column 1.
   */
  locate(path: readonly (string | number)[]): Position;
}

/** A number or duration that a YAML file takes from a parameter: `"{{ param('half_life') }}"`. */
export interface ParamReference {
  readonly param: string;
}

export interface Duration {
  readonly amount: number;
  readonly unit: 'minute' | 'hour' | 'day' | 'week';
}

export type NumberSetting = number | ParamReference;
export type DurationSetting = Duration | ParamReference;

/** SQL over the columns of a relation, with the same template calls as a SQL file. */
export interface SqlExpression {
  readonly sql: string;
}

export type ParamType = 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'duration' | 'string_list';

/** Dates as `2026-01-31`, timestamps as ISO instants with zone, durations as written (`14d`). */
export type ParamValue = string | number | boolean | readonly string[];

/** A parameter's value for one run. */
export interface ResolvedParam {
  readonly type: ParamType;
  readonly value: ParamValue;
}

export interface ParamDeclaration {
  /** Set by `for_each`: the default is the value, whatever else is said. */
  readonly fixed?: true;
  readonly type: ParamType;
  readonly default?: ParamValue;
  readonly description?: string;
}
