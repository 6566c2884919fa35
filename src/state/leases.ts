import { sql } from 'kysely';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { Fragment } from '../sql/types.ts';
import { countOf, textOf, textOrNull } from './row-values.ts';
import { runScript, type State, stateTable } from './state.ts';

/** A holder that dies is waited for at most so long. */
const lifeMs = 60_000;
/** Three renewals may fail before a lease is lost. */
export const renewEveryMs = 15_000;
/** Between two tries of somebody who waits. */
const retryEveryMs = 5000;

/** Time as it passes for this process; the warehouse's clock alone decides who holds a lease. */
export interface LeaseClock {
  monotonicMs(): number;
  /** @throws the signal's reason */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface LeaseRequest {
  /** What is to be held, all or nothing, such as `sync:leads`. */
  readonly names: readonly string[];
  /** Unique: one run holds a lease at a time. */
  readonly runId: string;
  /** Who that is, in words for whoever is turned away. */
  readonly holder: string;
  /** How long to wait for another holder; 0: not at all. */
  readonly waitMs: number;
  readonly clock: LeaseClock;
  readonly signal?: AbortSignal;
}

/**
 * Leases held by this run. They end by `release`, or a minute after the last renewal if the process dies. Whoever takes
 * one over raises its fencing number, so that a holder who slept too long finds out at its next checkpoint.
 */
export class Lease {
  readonly #state: State;
  readonly #request: LeaseRequest;
  /** Name → our fencing number. */
  readonly #fences: ReadonlyMap<string, number>;
  readonly #released = new AbortController();
  #confirmedMs: number;
  #renewing: Promise<void> | null = null;

  constructor(state: State, request: LeaseRequest, fences: ReadonlyMap<string, number>, confirmedMs: number) {
    this.#state = state;
    this.#request = request;
    this.#fences = fences;
    this.#confirmedMs = confirmedMs;
  }

  /**
   * To be called before every checkpoint: costs a statement only if the last renewal is older than it should be.
   * @throws RUN_BUSY if the lease is another's by now, or may be
   */
  async confirm(): Promise<void> {
    const { clock } = this.#request;
    if (clock.monotonicMs() - this.#confirmedMs >= renewEveryMs) await this.renew();
  }

  /** @throws RUN_BUSY if the lease is another's by now; WAREHOUSE_* if the warehouse cannot be asked */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(): Promise<void> {
    const { warehouse } = this.#state;
    const askedMs = this.#request.clock.monotonicMs();
    const [renewed = 0] = await warehouse.script(
      [
        warehouse.dialect.compile(sql`update ${stateTable(this.#state, 'leases')} set expires_at = ${expiry(this.#state)}
where ${this.#isOurs()}`),
      ],
      { purpose: 'renew the leases' },
    );
    if (renewed < this.#fences.size) throw lostError(this.#request);
    this.#confirmedMs = askedMs;
  }

  /** Renews until `release`. A renewal that fails is left to the next one, and to the checkpoints, which ask themselves. */
  async keepAlive(): Promise<void> {
    const { signal } = this.#released;
    while (!signal.aborted) {
      try {
        await this.#request.clock.sleep(renewEveryMs, signal);
        await this.renew();
      } catch {
        // The next checkpoint meets the same trouble and throws it where it stops the work.
      }
    }
  }

  /** Gives the leases back; one that is another's by now stays so. */
  async release(): Promise<void> {
    this.#released.abort();
    await this.#renewing?.catch(() => {
      // Whoever asked for the renewal has its error.
    });
    await runScript(this.#state, 'give the leases back', undefined, [
      sql`update ${stateTable(this.#state, 'leases')} set run_id = null, holder = null, expires_at = null
where ${this.#isOurs()}`,
    ]);
  }

  #isOurs(): Fragment {
    const each = [...this.#fences].map(([name, fence]) => sql`(name = ${name} and fence = ${fence})`);
    return sql`run_id = ${this.#request.runId} and (${sql.join(each, sql` or `)})`;
  }
}

/**
 * Takes leases, all or none: three round trips, more while it waits.
 * @throws RUN_BUSY that says who holds one and since when; the signal's reason
 */
export async function takeLeases(state: State, request: LeaseRequest): Promise<Lease> {
  const { names, clock, signal, waitMs } = request;
  const leases = stateTable(state, 'leases');
  const startedMs = clock.monotonicMs();
  const missing = names.map(
    (name) => sql`merge into ${leases} t using (select ${sql.lit(name)} as name) s on t.name = s.name
when not matched then insert (name, fence) values (s.name, 0)`,
  );
  await unlessBeaten(runScript(state, 'make the leases', signal, missing));
  for (;;) {
    const askedMs = clock.monotonicMs();
    const { mine, others } = await tryToTake(state, request);
    if (others.length === 0) return new Lease(state, request, mine, askedMs);
    if (mine.size > 0) await new Lease(state, request, mine, askedMs).release();
    if (clock.monotonicMs() - startedMs + retryEveryMs > waitMs) throw busyError(others);
    await clock.sleep(retryEveryMs, signal);
  }
}

interface HeldLease {
  readonly name: string;
  readonly holder: string;
  readonly acquiredAt: string;
}

async function tryToTake(
  state: State,
  { names, runId, holder, signal }: LeaseRequest,
): Promise<{ readonly mine: ReadonlyMap<string, number>; readonly others: readonly HeldLease[] }> {
  const { warehouse } = state;
  const { dialect } = warehouse;
  const leases = stateTable(state, 'leases');
  const ofNames = sql`name in ${dialect.inList(names)}`;
  await unlessBeaten(
    runScript(state, 'take the leases', signal, [
      sql`update ${leases} set run_id = ${runId}, holder = ${holder}, fence = fence + 1, acquired_at = ${dialect.now()},
  expires_at = ${expiry(state)}
where ${ofNames} and (run_id is null or expires_at <= ${dialect.now()})`,
    ]),
  );
  const rows = await warehouse.query(
    dialect.compile(sql`select name, run_id, holder, fence, acquired_at from ${leases} where ${ofNames} order by name`),
    { signal, purpose: 'read the leases' },
  );
  const isMine = (row: (typeof rows)[number]) => textOrNull(row, 'run_id') === runId;
  return {
    mine: new Map(rows.filter(isMine).map((row) => [textOf(row, 'name'), countOf(row, 'fence')])),
    others: rows
      .filter((row) => !isMine(row))
      .map((row) => ({
        name: textOf(row, 'name'),
        holder: textOrNull(row, 'holder') ?? 'another run',
        acquiredAt: textOrNull(row, 'acquired_at') ?? 'just now',
      })),
  };
}

/** Two who write one row at the same moment: one of them is refused, and reads afterwards what the other made of it. */
async function unlessBeaten(script: Promise<void>): Promise<void> {
  try {
    await script;
  } catch (error) {
    if (!(error instanceof ScorelineError) || !error.retryable) throw error;
  }
}

function expiry({ warehouse: { dialect } }: State): Fragment {
  return dialect.secondsAfter(dialect.now(), sql.lit(lifeMs / 1000));
}

function busyError(others: readonly HeldLease[]): ScorelineError {
  const said = others.map(({ name, holder, acquiredAt }) => `${name} is held by ${holder} since ${acquiredAt}`);
  return new ScorelineError('RUN_BUSY', `${said.join('; ')}.`, {
    hint: 'Wait until that run is done, or let this one wait: --wait 10m.',
    details: { leases: others },
  });
}

function lostError({ names }: LeaseRequest): ScorelineError {
  return new ScorelineError('RUN_BUSY', `This run lost its leases (${names.join(', ')}) to another one.`, {
    hint: 'It was held up for more than a minute. The other run goes on; what this one sent is sent again, with the same effect.',
  });
}
