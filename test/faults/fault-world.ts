import { sql } from 'kysely';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import { openState } from '../../src/state/open-state.ts';
import { finishRun, startRun } from '../../src/state/run-records.ts';
import { applyPlan } from '../../src/sync/apply-plan.ts';
import { planSync } from '../../src/sync/plan-sync.ts';
import type { SyncResult } from '../../src/sync/plan-types.ts';
import { type ControlledSandbox, controlledSandbox, type SandboxRecord } from '../support/controlled-sandbox.ts';
import { InstantClock } from '../support/instant-clock.ts';
import { hotLeads, leadScore, leadSync, scoredLeads, scoreProperty, tierProperty } from '../support/sync-world.ts';
import { openTempDuckDb, type TempDuckDb } from '../support/temp-duckdb.ts';
import { badName, type Event, type Fate, type FaultCase, type Lead, type Step } from './fault-case.ts';
import { MortalWarehouse } from './mortal-warehouse.ts';

const list = hotLeads.name;

/** A warehouse and a HubSpot over HTTP, through which one case goes step by step. */
export class FaultWorld {
  readonly #case: FaultCase;
  readonly #db: TempDuckDb;
  readonly sandbox: ControlledSandbox;
  readonly #onRequest: { call: () => void };
  #hours = 0;
  #runs = 0;
  /** Members whom others put into the list. */
  readonly foreigners = new Set<string>();
  kills = 0;

  private constructor(
    settings: FaultCase,
    db: TempDuckDb,
    sandbox: ControlledSandbox,
    onRequest: { call: () => void },
  ) {
    this.#case = settings;
    this.#db = db;
    this.sandbox = sandbox;
    this.#onRequest = onRequest;
  }

  static async open(settings: FaultCase): Promise<FaultWorld> {
    const onRequest = { call: () => {} };
    const sandbox = await controlledSandbox({
      settings: { limits: { burstPer10s: null, perDay: null, searchPerSecond: null } },
      onRequest: () => onRequest.call(),
    });
    return new FaultWorld(settings, await openTempDuckDb(), sandbox, onRequest);
  }

  async close(): Promise<void> {
    await this.sandbox.close();
    await this.#db.dispose();
  }

  passHours(hours: number): void {
    this.#hours += hours;
  }

  /** The match value of a name. */
  valueOf(name: string): string {
    if (this.#case.object === 'companies') return name === badName() ? 'bad.example' : `${name}.example`;
    return name === badName() ? 'bad@' : `${name}@one.example`;
  }

  /** Whether HubSpot takes no record of that name: it looks at e-mail addresses alone. */
  isRefused(name: string): boolean {
    return name === badName() && this.#case.object === 'contacts';
  }

  async setModel({ model, bulk }: Pick<Step, 'model' | 'bulk'>): Promise<void> {
    const rows = Object.entries(model).map(
      ([key, lead]) =>
        sql`(${sql.lit(key)}, ${sql.lit(lead.name === null ? null : this.valueOf(lead.name))}, ${sql.lit(lead.score)}, ${sql.lit(tierOf(lead))})`,
    );
    const { warehouse } = this.#db;
    const select = sql`select lead_id, cast(email as varchar) as email, cast(score as decimal(18, 2)) as score, tier
from (values ${sql.join(rows)}) v (lead_id, email, score, tier)
union all
select 'bulk' || i, ${this.#case.object === 'companies' ? sql`'bulk' || i || '.example'` : sql`'bulk' || i || '@one.example'`},
  cast(i % 3 as decimal(18, 2)), 'cold' from range(${sql.lit(bulk)}) r (i)`;
    await warehouse.createTable({ schema: 'scoreline', name: 'lead_score' }, warehouse.dialect.compile(select));
  }

  async happen(event: Event): Promise<void> {
    const { object } = this.#case;
    const find = async (name: string) => (await this.records()).get(this.valueOf(name).toLowerCase());
    switch (event.kind) {
      case 'deleted': {
        const record = await find(event.name);
        if (record !== undefined) await this.sandbox.remove(object, [record.id]);
        return;
      }
      case 'merged': {
        const [winner, loser] = [await find(event.winner), await find(event.loser)];
        if (winner === undefined || loser === undefined || winner.id === loser.id) return;
        await this.sandbox.merge(object, winner.id, loser.id);
        return;
      }
      case 'made': {
        if (this.isRefused(event.name) || (await find(event.name)) !== undefined) return;
        const value = this.valueOf(event.name).toLowerCase();
        await this.sandbox.seed(object, [object === 'companies' ? { domain: value } : { email: value }]);
        return;
      }
      case 'joined': {
        const record = await find(event.name);
        const listId = await this.#listId();
        if (record === undefined || listId === null || (await this.members()).includes(record.id)) return;
        await this.#call('PUT', `/crm/v3/lists/${listId}/memberships/add`, [record.id]);
        this.foreigners.add(record.id);
        return;
      }
      default:
        throw new TypeError(`Unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  /** One run of the sync, as a process of its own would make it. @returns null where it did not come to its end */
  async run(fate: Fate): Promise<SyncResult | null> {
    const { object, recreate, membersPerCall } = this.#case;
    const warehouse = new MortalWarehouse(this.#db.warehouse);
    const interruption = new AbortController();
    const at = new Date(Date.UTC(2026, 0, 31, 8) + this.#hours * 3_600_000);
    const clock = new InstantClock(at);
    let ticks = 0;
    const now = () => new Date(at.getTime() + clock.monotonicMs() + ticks++);
    const hubspot = connectHubSpot({
      baseUrl: this.sandbox.url,
      token: this.sandbox.token,
      apiVersion: 'v3',
      dailyReserveRatio: 0,
      membersPerCall,
      clock,
    });
    const die = () => {
      if (warehouse.isDead) return;
      this.kills += 1;
      warehouse.kill();
      void hubspot.close();
    };
    let requests = 0;
    this.#onRequest.call = () => {
      requests += 1;
      if (fate.kind === 'interrupted' && requests === fate.atRequest)
        interruption.abort(new ScorelineError('RUN_INTERRUPTED', 'SIGTERM'));
      if (fate.kind === 'killed' && fate.at === 'request' && requests === fate.after) die();
    };
    if (fate.kind === 'killed' && fate.at !== 'request')
      warehouse.dieAt(fate.after, fate.at === 'before statement', die);

    const sync = leadSync({
      object,
      recreate,
      match: { property: object === 'companies' ? 'domain' : 'email', column: 'email' },
      properties: [scoreProperty, tierProperty].map((property) => ({ ...property, adopt: true })),
      lists: [hotLeads],
    });
    const runId = `run-${String(++this.#runs).padStart(3, '0')}`;
    const { signal } = interruption;
    try {
      const state = await openState(warehouse, { schema: 'scoreline' });
      const startedAt = now().toISOString();
      await startRun(state, {
        runId,
        command: 'run',
        target: 'test',
        asOf: startedAt,
        startedAt,
        syncs: [sync.name],
        supersede: true,
        signal,
      });
      try {
        const plan = await planSync({
          state,
          hubspot,
          sync,
          model: leadScore,
          ...(await scoredLeads(warehouse)),
          modelBuild: runId,
          asOf: { instant: startedAt, day: startedAt.slice(0, 10) },
          runId,
          now,
          signal,
        });
        const result = await applyPlan({ state, hubspot, plan, runId, now, signal });
        await finishRun(state, { runId, endedAt: now().toISOString(), status: 'finished' });
        return result;
      } catch (error) {
        await finishRun(state, { runId, endedAt: now().toISOString(), status: 'failed' });
        throw error;
      }
    } catch (error) {
      if (!warehouse.isDead && !isExpected(error)) throw error;
      return null;
    } finally {
      this.#onRequest.call = () => {};
      await hubspot.close();
      await warehouse.settled();
    }
  }

  /** Live records by each of their addresses, or their domain, in lower case. */
  async records(): Promise<ReadonlyMap<string, SandboxRecord>> {
    const records = await this.sandbox.records(this.#case.object);
    return new Map(records.flatMap((record) => valuesOf(record).map((value) => [value, record] as const)));
  }

  /** Requests so far that write rows or members. */
  async writeCalls(): Promise<number> {
    return (await this.sandbox.requests(/batch\/(create|update|upsert)|memberships\/(add|remove)/)).length;
  }

  async deletedValues(): Promise<ReadonlySet<string>> {
    const answer = await fetch(
      `${this.sandbox.url}/_sandbox/records?object=${this.#case.object}&limit=100000&archived=true`,
    );
    const { records } = (await answer.json()) as { records: SandboxRecord[] };
    return new Set(records.flatMap(valuesOf));
  }

  async members(): Promise<readonly string[]> {
    const listId = await this.#listId();
    if (listId === null) return [];
    const { results } = (await this.#call('GET', `/crm/v3/lists/${listId}/memberships?limit=250`)) as {
      results: { recordId: string }[];
    };
    return results.map(({ recordId }) => recordId);
  }

  async #listId(): Promise<string | null> {
    const type = this.#case.object === 'companies' ? '0-2' : '0-1';
    const found = (await this.#call(
      'GET',
      `/crm/v3/lists/object-type-id/${type}/name/${encodeURIComponent(list)}`,
    )) as { list?: { listId: string } };
    return found.list?.listId ?? null;
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(this.sandbox.url + path, {
      method,
      headers: { authorization: `Bearer ${this.sandbox.token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return answer.json();
  }
}

export function tierOf({ score }: Lead): string {
  return score !== null && score >= 50 ? 'hot' : 'cold';
}

function valuesOf({ properties }: SandboxRecord): string[] {
  const { email, hs_additional_emails: others, domain } = properties;
  return [email, ...(others ?? '').split(';'), domain].flatMap((value) => (value ? [value.toLowerCase()] : []));
}

/** Trouble that HubSpot makes; anything else is a bug. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof ScorelineError &&
    ['RUN_INTERRUPTED', 'RUN_DEFERRED', 'DESTINATION_UNREACHABLE'].includes(error.code)
  );
}
