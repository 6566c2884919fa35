import { sql } from 'kysely';
import type { Dialect, Fragment } from '../sql/types.ts';
import type { Card, CardRollupRule } from './card.ts';
import type { ExplainRequest } from './explain-request.ts';
import { name, numberLiteral, textLiteral } from './literals.ts';
import { planRollups, rollupRowSteps, rowWeightIn, takesPart } from './rollup-steps.ts';
import { everyRule } from './segments.ts';
import { column, lastName, type Step, statement } from './select-text.ts';
import { stepNamer } from './step-namer.ts';
import type { ScoringContext } from './types.ts';

/** Whose scores a roll-up is made of. */
export interface ExplainedMembers {
  /** All who belong to the entity and are not disqualified, the shown ones among them. */
  readonly count: number;
  /** Those that count first, then the highest score first. */
  readonly shown: readonly ExplainedMember[];
}

export interface ExplainedMember {
  readonly key: string;
  readonly score: number;
  /** The rule's weight times that of the bridge; 1 where there is none. */
  readonly weight: number;
  /** False where the rule's `where` leaves it out, and beside the highest of `top_3_avg`. */
  readonly counts: boolean;
}

/**
 * The rows behind the roll-ups of one entity. Columns: rule, member, score, weight, counts, and how many rows the rule has.
 * @returns null where the card has no roll-up
 */
export function membersQuery(card: Card, context: ScoringContext, { key, maxEvents }: ExplainRequest): Fragment | null {
  const stepName = stepNamer(card);
  const steps: Step[] = [];
  const selects: Fragment[] = [];
  for (const scan of planRollups(everyRule(card))) {
    const rows = rollupRowSteps(scan, { context, onlyKey: key, stepName });
    steps.push(...rows);
    selects.push(...scan.rules.map((rule) => membersOfRule(rule, lastName(rows), context.dialect, maxEvents)));
  }
  if (selects.length === 0) return null;
  const shown: Step = {
    name: stepName('shown_members'),
    comment: 'The strongest rows of each rule.',
    select: {
      columns: [sql`*`],
      from: sql`(\n    ${sql.join(selects, sql.raw('\n    union all\n    '))}\n  ) as of_rules`,
    },
  };
  const comment = `One row per rule and row of a scored model behind the score of one ${card.entity}.`;
  const select = statement(comment, [...steps, shown], { columns: [sql`*`], from: name(shown.name) });
  return sql`${select}\norder by rule, counts desc, score desc, member`;
}

function membersOfRule(rule: CardRollupRule, from: string, dialect: Dialect, maxRows: number): Fragment {
  const double = dialect.type({ kind: 'double' });
  const counts = sql`coalesce(${takesPart(rule) ?? sql`true`}, false)`;
  const columns = [
    column(textLiteral(rule.id, dialect), 'rule'),
    column(sql`cast(member_key as ${dialect.type({ kind: 'text' })})`, 'member'),
    column(sql`cast(score as ${double})`, 'score'),
    column(sql`cast(${rowWeightIn(rule)} as ${double})`, 'weight'),
    column(counts, 'counts'),
    column(sql`count(*) over ()`, 'members'),
  ];
  return sql`(select ${sql.join(columns)} from ${name(from)} order by counts desc, score desc, member limit ${numberLiteral(Math.max(1, maxRows))})`;
}

type ResultRow = Readonly<Record<string, unknown>>;

/** @param rows those of one rule */
export function readMembers(rows: readonly ResultRow[], { maxEvents }: ExplainRequest): ExplainedMembers {
  const shown = rows.slice(0, maxEvents).map((row) => ({
    key: String(row.member),
    score: Number(row.score),
    weight: Number(row.weight),
    counts: row.counts === true,
  }));
  return { count: Number(rows[0]?.members ?? 0), shown };
}
