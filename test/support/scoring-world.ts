import type { ScorecardModel } from '../../src/project/model-types.ts';
import { compileScorecard } from '../../src/scoring/compile-scorecard.ts';
import { duckDbDialect } from '../../src/sql/dialects/duckdb.ts';
import type { Fragment } from '../../src/sql/types.ts';
import type { Row } from '../../src/warehouse/port.ts';
import type { DataRow } from './reference-score.ts';
import { type ContextOptions, scoringContext, type TestContext } from './scoring-context.ts';
import { openTempDuckDb, type TempDuckDb } from './temp-duckdb.ts';

/** Columns and their DuckDB types. */
export type TableColumns = Readonly<Record<string, string>>;

/** A DuckDB in which scorecards are run over small tables of the schema `main`. */
export class ScoringWorld {
  readonly #duckDb: TempDuckDb;
  readonly #timeZone: string;

  private constructor(duckDb: TempDuckDb, timeZone: string) {
    this.#duckDb = duckDb;
    this.#timeZone = timeZone;
  }

  static async open(timeZone = 'UTC'): Promise<ScoringWorld> {
    return new ScoringWorld(await openTempDuckDb(timeZone), timeZone);
  }

  /** Replaces a table. Values are written as literals of the column's type; what a row leaves out is null. */
  async table(name: string, columns: TableColumns, rows: readonly DataRow[]): Promise<void> {
    const names = Object.keys(columns);
    const tuples = rows.map(
      (row) => `(${names.map((column) => literal(row[column], columns[column] ?? '')).join(', ')})`,
    );
    const nothing = `select ${names.map((column) => `cast(null as ${columns[column]}) as "${column}"`).join(', ')} where false`;
    const values = `select * from (values ${tuples.join(', ')}) as rows("${names.join('", "')}")`;
    await this.run(`create or replace table ${name} as ${rows.length === 0 ? nothing : values}`);
  }

  async run(text: string): Promise<void> {
    await this.#duckDb.warehouse.script([{ text, binds: [] }]);
  }

  query(fragment: Fragment): Promise<readonly Row[]> {
    return this.#duckDb.warehouse.query(duckDbDialect.compile(fragment));
  }

  context(options: ContextOptions = {}): TestContext {
    return scoringContext({ timeZone: this.#timeZone, ...options });
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
    return this.#duckDb.dispose();
  }
}

function literal(value: unknown, type: string): string {
  if (value === undefined || value === null) return `cast(null as ${type})`;
  return `cast('${String(value).replaceAll("'", "''")}' as ${type})`;
}
