import { sql } from 'kysely';
import { instant, runScript, type State, stateTable } from './state.ts';

export interface BuildStart {
  readonly runId: string;
  readonly models: readonly string[];
  /** ISO. */
  readonly startedAt: string;
  readonly signal?: AbortSignal;
}

/**
 * Writes down whose build of each model is the last one: one round trip, none without models. It comes before building,
 * so that a build which dies half-way cannot leave a changed model behind that a plan takes for its own.
 */
export async function startBuild(state: State, { runId, models, startedAt, signal }: BuildStart): Promise<void> {
  if (models.length === 0) return;
  const builds = stateTable(state, 'builds');
  const rows = models.map((model) => sql`(${model}, ${runId}, ${instant(state, startedAt)})`);
  await runScript(state, `start building ${models.length} models`, signal, [
    sql`delete from ${builds} where model in ${state.warehouse.dialect.inList(models)}`,
    sql`insert into ${builds} (model, run_id, started_at) values ${sql.join(rows)}`,
  ]);
}
