import type { ScorecardModel } from '../../src/project/model-types.ts';
import { compileScorecard } from '../../src/scoring/compile-scorecard.ts';
import type { Fragment } from '../../src/sql/types.ts';
import type { Row } from '../../src/warehouse/port.ts';
import type { DataRow } from './reference-score.ts';
import { type ContextOptions, scoringContext, type TestContext } from './scoring-context.ts';
import { openTempWarehouse, type TempWarehouse } from './temp-warehouse.ts';

/** Columns and their types, in DuckDB's words. */
export type TableColumns = Readonly<Record<string, string>>;

/** A warehouse in which scorecards are run over small tables of the schema `main`. */
export class ScoringWorld {
  readonly #temp: TempWarehouse;
  readonly #timeZone: string;

  private constructor(temp: TempWarehouse, timeZone: string) {
    this.#temp = temp;
    this.#timeZone = timeZone;
  }

  static async open(timeZone = 'UTC'): Promise<ScoringWorld> {
    const temp = await openTempWarehouse(timeZone);
    return new ScoringWorld(temp, timeZone);
  }

  /** Replaces a table. Values are written as literals of the column's type; what a row leaves out is null. */
  async table(name: string, columns: TableColumns, rows: readonly DataRow[]): Promise<void> {
    const names = Object.keys(columns);
    const types = Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, this.#typeOf(type)]));
    const tuples = rows.map(
      (row) => `(${names.map((column) => literal(row[column], types[column] ?? '')).join(', ')})`,
    );
    const nothing = `select ${names.map((column) => `cast(null as ${types[column]}) as "${column}"`).join(', ')} where false`;
    const values = `select * from (values ${tuples.join(', ')}) as rows("${names.join('", "')}")`;
    const text = rows.length === 0 ? nothing : values;
    await this.#temp.warehouse.createTable({ schema: 'main', name }, { text, binds: [] });
  }

  async run(text: string): Promise<void> {
    await this.#temp.warehouse.script([{ text, binds: [] }]);
  }

  query(fragment: Fragment): Promise<readonly Row[]> {
    const { warehouse } = this.#temp;
    return warehouse.query(warehouse.dialect.compile(fragment));
  }

  context(options: ContextOptions = {}): TestContext {
    return scoringContext({ timeZone: this.#timeZone, dialect: this.#temp.warehouse.dialect, ...options });
  }

  /** The card's rows by the text of their key. Fails where compiling reports a problem. */
  async score(card: ScorecardModel, options: ContextOptions = {}): Promise<ReadonlyMap<string, Row>> {
    const { context, problems } = this.context(options);
    const { select } = compileScorecard(card, context);
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
    const rows = await this.query(select);
    const key = context.project.entities.get(card.entity)?.key ?? '';
    return new Map(rows.map((row) => [String(row[key]), row]));
  }

  close(): Promise<void> {
    return this.#temp.dispose();
  }

  #typeOf(type: string): string {
    const { dialect } = this.#temp.warehouse;
    return type === 'double' ? dialect.compile(dialect.type({ kind: 'double' })).text : type;
  }
}

function literal(value: unknown, type: string): string {
  if (value === undefined || value === null) return `cast(null as ${type})`;
  return `cast('${String(value).replaceAll("'", "''")}' as ${type})`;
}
