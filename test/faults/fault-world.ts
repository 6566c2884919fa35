import { sql } from 'kysely';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { connectHubSpot } from '../../src/hubspot/connect-hubspot.ts';
import type { FaultState } from '../../src/sandbox/traffic/fault-plan.ts';
import type { LoggedRequest } from '../../src/sandbox/traffic/request-log.ts';
import type { SyncResult } from '../../src/sync/plan-types.ts';
import type { Row } from '../../src/warehouse/port.ts';
import { type ControlledSandbox, controlledSandbox, type SandboxRecord } from '../support/controlled-sandbox.ts';
import { InstantClock } from '../support/instant-clock.ts';
import { hotLeads } from '../support/sync-world.ts';
import { openTempDuckDb, type TempDuckDb } from '../support/temp-duckdb.ts';
import {
  badName,
  type Event,
  type Fate,
  type FaultCase,
  type Jump,
  type Lead,
  poison,
  type Step,
  statements,
  type Task,
} from './fault-case.ts';
import { MortalWarehouse } from './mortal-warehouse.ts';
import { performTask } from './perform-task.ts';

const list = hotLeads.name;

/** Requests that write rows or members. */
const rowWrite = /batch\/(create|update|upsert)/;
const memberWrite = /memberships\/(add|remove)/;

/** A record as the sandbox tells of it, with what was merged into it. */
export interface HeldRecord extends SandboxRecord {
  readonly mergedIds: readonly string[];
}

/** One run, seen from outside. */
export interface Ran {
  readonly runId: string;
  /** Null where it did not come to its end. */
  readonly result: SyncResult | null;
  /** Whether it could still write to the warehouse at its end. */
  readonly couldWrite: boolean;
  /** What HubSpot got from it. */
  readonly requests: readonly LoggedRequest[];
  /** The faults that were in force. */
  readonly faults: readonly FaultState[];
}

/** A warehouse and a HubSpot over HTTP, through which one case goes step by step. */
export class FaultWorld {
  readonly #case: FaultCase;
  readonly #db: TempDuckDb;
  readonly sandbox: ControlledSandbox;
  readonly #onRequest: { call: (request: LoggedRequest) => void };
  #hours = 0;
  #latestHours = 0;
  #seen = 0;
  /** Members whom others put into the list. */
  readonly foreigners = new Set<string>();
  /** Times that others changed a record's values, by its id. */
  readonly edits = new Map<string, number>();
  readonly runs: Ran[] = [];
  /** Runs that died. */
  kills = 0;

  private constructor(
    settings: FaultCase,
    db: TempDuckDb,
    sandbox: ControlledSandbox,
    onRequest: { call: (request: LoggedRequest) => void },
  ) {
    this.#case = settings;
    this.#db = db;
    this.sandbox = sandbox;
    this.#onRequest = onRequest;
  }

  static async open(settings: FaultCase): Promise<FaultWorld> {
    const onRequest = { call: (_: LoggedRequest) => {} };
    const sandbox = await controlledSandbox({
      settings: {
        limits: { burstPer10s: null, perDay: null, searchPerSecond: null },
        log: { size: 100_000, bodies: true },
      },
      onRequest: (request) => onRequest.call(request),
    });
    return new FaultWorld(settings, await openTempDuckDb(), sandbox, onRequest);
  }

  async close(): Promise<void> {
    await this.sandbox.close();
    await this.#db.dispose();
  }

  passHours(hours: number): void {
    this.#hours += hours;
    this.#latestHours = Math.max(this.#latestHours, this.#hours);
  }

  /** Beyond every instant so far, and every pause that began then. */
  passAllPauses(): void {
    // A jump in the middle of a run adds up to 30 hours.
    this.passHours(this.#latestHours - this.#hours + 60);
  }

  /** The match value of a name. */
  valueOf(name: string): string {
    if (this.#case.object === 'companies') return name === badName ? 'bad.example' : `${name}.example`;
    return name === badName ? 'bad@' : `${name}@one.example`;
  }

  /** Whether HubSpot takes no record of that name: it looks at e-mail addresses alone. */
  isRefused(name: string): boolean {
    return name === badName && this.#case.object === 'contacts';
  }

  async setModel({ model, bulk }: Pick<Step, 'model' | 'bulk'>): Promise<void> {
    const rows = Object.entries(model).map(
      ([key, lead]) =>
        sql`(${sql.lit(key)}, ${sql.lit(lead.name === null ? null : this.valueOf(lead.name))}, ${sql.lit(lead.score)}, ${sql.lit(tierOf(lead))}, ${sql.lit(lead.listed)}, ${sql.lit(lead.excluded)})`,
    );
    const { warehouse } = this.#db;
    const domain = this.#case.object === 'companies' ? '.example' : '@one.example';
    const select = sql`select lead_id, cast(email as varchar) as email, cast(score as decimal(18, 2)) as score, tier, listed, excluded
from (values ${sql.join(rows)}) v (lead_id, email, score, tier, listed, excluded)
union all
select 'bulk' || i, 'bulk' || i || ${sql.lit(domain)}, cast(i % 3 as decimal(18, 2)), 'cold', i % 3 = 1, false
from range(${sql.lit(bulk)}) r (i)`;
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
      case 'edited': {
        const record = await find(event.name);
        const hasProperty = this.runs.some(({ result }) => result !== null);
        if (record === undefined || !hasProperty) return;
        const properties = { lead_score: event.score === null ? '' : String(event.score) };
        await this.#call('PATCH', `/crm/v3/objects/${object}/${record.id}`, { properties });
        this.edits.set(record.id, (this.edits.get(record.id) ?? 0) + 1);
        return;
      }
      default:
        throw new TypeError(`Unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  /** One run, as a process of its own would make it. */
  async run(task: Task, fate: Fate, { jump, edits }: Partial<Pick<Step, 'jump' | 'edits'>> = {}): Promise<Ran> {
    const warehouse = new MortalWarehouse(this.#db.warehouse);
    const interruption = new AbortController();
    const runId = `run-${String(this.runs.length + 1).padStart(3, '0')}`;
    const startedAt = new Date(Date.UTC(2026, 0, 31, 8) + this.#hours * 3_600_000);
    const clock = new InstantClock(startedAt);
    const hubspot = this.#connect(clock);
    this.#arm(fate, warehouse, interruption, () => void hubspot.close());
    const wallClock = this.#wallClock(startedAt, clock, jump ?? null);
    let result: SyncResult | null = null;
    try {
      const maxRows = fate.kind === 'limited' ? fate.rows : undefined;
      const lastRunId = this.runs.at(-1)?.runId ?? '';
      const { signal } = interruption;
      const process = { warehouse, hubspot, runId, lastRunId, wallClock, signal, maxRows };
      result = await performTask(task, { ...this.#case, ...edits }, process);
    } catch (error) {
      if (!warehouse.isDead && !isExpected(error)) throw error;
    } finally {
      this.#onRequest.call = () => {};
      await hubspot.close();
      await warehouse.settled();
    }
    const requests = (await this.sandbox.requests()).filter(({ sequence }) => sequence > this.#seen);
    this.#seen = requests.at(-1)?.sequence ?? this.#seen;
    const couldWrite = !warehouse.isDead && !warehouse.isAway;
    const ran = { runId, result, couldWrite, requests, faults: await this.#faults() };
    this.runs.push(ran);
    return ran;
  }

  #connect(clock: InstantClock) {
    return connectHubSpot({
      baseUrl: this.sandbox.url,
      token: this.sandbox.token,
      apiVersion: 'v3',
      dailyReserveRatio: 0,
      membersPerCall: this.#case.membersPerCall,
      clock,
    });
  }

  /** A clock that shows another time each time it is read, and may be set in the middle of the run. */
  #wallClock(startedAt: Date, clock: InstantClock, jump: Jump | null): () => Date {
    let readings = 0;
    return () => {
      readings += 1;
      const hours = jump !== null && readings >= jump.atReading ? jump.hours : 0;
      return new Date(startedAt.getTime() + clock.monotonicMs() + readings + hours * 3_600_000);
    };
  }

  #arm(fate: Fate, warehouse: MortalWarehouse, interruption: AbortController, hangUp: () => void): void {
    const die = () => {
      if (warehouse.isDead) return;
      this.kills += 1;
      warehouse.kill();
      hangUp();
    };
    if (fate.kind === 'warehouse away') {
      warehouse.endAt({ of: statements.any, after: fate.after, moment: 'before', happen: () => warehouse.goAway() });
    }
    if (fate.kind === 'killed' && fate.death.at === 'statement') {
      const { of, after, moment } = fate.death;
      warehouse.endAt({ of: statements[of], after, moment, happen: die });
    }
    const seen = { request: 0, write: 0, membership: 0 };
    this.#onRequest.call = ({ path }) => {
      seen.request += 1;
      if (rowWrite.test(path)) seen.write += 1;
      if (memberWrite.test(path)) seen.membership += 1;
      if (fate.kind === 'interrupted' && seen.request === fate.atRequest) {
        interruption.abort(new ScorelineError('RUN_INTERRUPTED', 'SIGTERM'));
      }
      if (fate.kind !== 'killed' || fate.death.at === 'statement') return;
      if (seen[fate.death.at] === fate.death.after) die();
    };
  }

  /** HubSpot refuses every batch in which a row has the poisonous score. */
  async poison(): Promise<void> {
    const body = { status: 'error', category: 'VALIDATION_ERROR', message: 'Property values were not valid' };
    await this.sandbox.addFaults({
      id: 'poison',
      match: { path: rowWrite.source, body: `"lead_score":"${poison}"` },
      effect: { kind: 'status', status: 400, body },
    });
  }

  async #faults(): Promise<readonly FaultState[]> {
    const answer = await fetch(`${this.sandbox.url}/_sandbox/faults`);
    return ((await answer.json()) as { faults: FaultState[] }).faults;
  }

  /** Live records by each of their addresses, or their domain, in lower case. */
  async records(): Promise<ReadonlyMap<string, HeldRecord>> {
    const records = (await this.sandbox.records(this.#case.object)) as readonly HeldRecord[];
    return new Map(records.flatMap((record) => valuesOf(record).map((value) => [value, record] as const)));
  }

  /** Rows of a query over the state; `$` stands for its schema. */
  async query(text: string): Promise<readonly Row[]> {
    const { warehouse } = this.#db;
    return warehouse.query(warehouse.dialect.compile(sql.raw(text.replaceAll('$.', 'scoreline_state.'))));
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
    const members: string[] = [];
    for (let after = ''; listId !== null; ) {
      const page = (await this.#call('GET', `/crm/v3/lists/${listId}/memberships?limit=250${after}`)) as {
        results: { recordId: string }[];
        paging?: { next?: { after: string } };
      };
      members.push(...page.results.map(({ recordId }) => recordId));
      if (page.paging?.next === undefined) break;
      after = `&after=${page.paging.next.after}`;
    }
    return members;
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

/** Whether a request writes rows or members. */
export function isWrite({ path }: LoggedRequest): boolean {
  return rowWrite.test(path) || memberWrite.test(path);
}

export function isRowWrite({ path }: LoggedRequest): boolean {
  return rowWrite.test(path);
}

export function tierOf({ score }: Lead): string {
  return score !== null && score >= 50 ? 'hot' : 'cold';
}

function valuesOf({ properties }: SandboxRecord): string[] {
  const { email, hs_additional_emails: others, domain } = properties;
  return [email, ...(others ?? '').split(';'), domain].flatMap((value) => (value ? [value.toLowerCase()] : []));
}

/** Trouble that HubSpot or the warehouse makes; anything else is a bug. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof ScorelineError &&
    [
      'RUN_INTERRUPTED',
      'RUN_DEFERRED',
      'DESTINATION_UNREACHABLE',
      'DESTINATION_UNAUTHORIZED',
      'DESTINATION_FORBIDDEN',
      'WAREHOUSE_UNREACHABLE',
    ].includes(error.code)
  );
}
