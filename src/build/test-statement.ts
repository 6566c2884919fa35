import { sql } from 'kysely';
import type { CompiledSql, Fragment } from '../sql/types.ts';
import type { Row } from '../warehouse/port.ts';
import { withClause } from './inline-models.ts';
import { type ProbeContext, probeOf } from './test-probe.ts';
import type { CommonTableExpression, CompiledTest } from './types.ts';

export interface TestStatementRequest extends ProbeContext {
  readonly tests: readonly CompiledTest[];
  readonly expressions: readonly CommonTableExpression[];
  /** Aggregates with names, which the statement asks for in the same pass. */
  readonly facts?: readonly Fragment[];
}

/** What the warehouse says of one test. */
export interface TestFinding {
  readonly test: CompiledTest;
  /** Rows that fail it; of `unique`, values that stand in more than one row; of `row_count`, all rows of the model. */
  readonly count: number;
  readonly passed: boolean;
  /** One failing row in words, such as `lead_id 17, tier lukewarm`; the smallest, so that it is the same every time. */
  readonly example: string | null;
}

/** Whether the model must not be swapped in because of it. */
export function stopsModel({ passed, test }: TestFinding): boolean {
  return !passed && test.test.severity === 'error';
}

/**
 * All tests of a model as one statement, which gives one row: the number of rows, and for each test how many fail and an
 * example. Tests that look at single rows share one pass; each other one has a subquery.
 */
export function testStatement(request: TestStatementRequest): CompiledSql {
  const { dialect, tests, tested, expressions, facts = [] } = request;
  const probes = tests.map((test) => probeOf(test, request));
  const perRow = probes.flatMap((probe, index) => {
    if (probe.kind !== 'row') return [];
    const { fails, example } = probe;
    return [
      sql`count(case when ${fails} then 1 end) as ${sql.id(`count_${index}`)}`,
      sql`min(case when ${fails} then ${example} end) as ${sql.id(`example_${index}`)}`,
    ];
  });
  const firstPass = sql`(
  select ${sql.join([sql`count(*) as ${sql.id('row_count')}`, ...perRow, ...facts], sql`,\n    `)}
  from ${tested} as ${sql.id('tested')}
) as ${sql.id('each_row')}`;
  const subqueries = probes.flatMap((probe, index) => {
    if (probe.kind !== 'select') return [];
    return sql`(
  select count(*) as ${sql.id(`count_${index}`)}, min(${sql.id('example')}) as ${sql.id(`example_${index}`)}
  from (
${probe.failing}
  ) as ${sql.id('failing')}
) as ${sql.id(`test_${index}`)}`;
  });
  const body = sql`select *\nfrom ${sql.join([firstPass, ...subqueries], sql`\ncross join `)}`;
  return dialect.compile(sql`${withClause(expressions)}${body}`);
}

/** Reads the one row of the statement. */
export function readTestRow(
  tests: readonly CompiledTest[],
  row: Row,
): { readonly rows: number; readonly findings: readonly TestFinding[] } {
  const rows = Number(row.row_count);
  const findings = tests.map((each, index): TestFinding => {
    const { test } = each;
    if (test.kind === 'row_count') {
      const passed = rows >= (test.min ?? 0) && rows <= (test.max ?? Number.POSITIVE_INFINITY);
      return { test: each, count: rows, passed, example: null };
    }
    const count = Number(row[`count_${index}`]);
    const example = row[`example_${index}`];
    return { test: each, count, passed: count === 0, example: typeof example === 'string' ? example : null };
  });
  return { rows, findings };
}
