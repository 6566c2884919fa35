import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { Clock } from '../clock.ts';
import type { HubSpotListener } from '../hubspot-event.ts';
import type { AccountQuota, Permit, Pool } from '../quota/account-quota.ts';
import { readRateHeaders } from '../quota/rate-headers.ts';
import { maxConcurrentCalls } from '../side-by-side.ts';
import type { ClockReading } from '../types.ts';
import type { AnswerShape } from './answer-shapes.ts';
import { type ApiVersion, pathInVersion } from './api-paths.ts';
import { type Exchange, exchange } from './exchange.ts';
import type { JsonObject } from './json-fields.ts';
import { decideRetry } from './retry-policy.ts';
import { judge, type Verdict } from './verdict.ts';
import { interruptedError, lostAnswerError, postponedError, refusedError } from './wire-error.ts';

/**
 * What sending a call twice does: nothing (`read`), the same as sending it once (`repeatable`), or harm (`once`). Reads
 * are cut off when the signal is aborted; writes in flight may finish, since their outcome matters.
 */
export type Effect = 'read' | 'repeatable' | 'once';

export interface CallOptions {
  readonly effect: Effect;
  readonly pool?: Pool;
  /** Of a success; an answer that cannot be brought into it is as bad as none. */
  readonly shape: AnswerShape;
  readonly signal?: AbortSignal;
}

export interface WireCall extends CallOptions {
  readonly method: string;
  /** Of the v3 API, with its query. */
  readonly path: string;
  readonly body?: string;
}

export interface WireAnswer {
  readonly status: number;
  /** In the shape asked for. */
  readonly json: JsonObject;
  readonly correlationId?: string;
  /** Attempts before this one that may have been carried out unseen. */
  readonly lostAnswers: number;
}

export interface TransportOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
  readonly apiVersion: ApiVersion;
  readonly quota: AccountQuota;
  readonly clock: Clock;
  readonly random: () => number;
  readonly answerTimeoutMs: number;
  readonly onEvent: HubSpotListener;
}

const spentDay = "the day's calls of the account are used up, but for the reserve";

/** The one way to HubSpot: every call passes here, waits for the quota, and is repeated where that is safe and useful. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #concurrently = pLimit(maxConcurrentCalls);
  #calls = 0;
  #retries = 0;
  #clockReading: ClockReading | undefined;
  readonly #closing = new AbortController();
  /** Runs share one signal among all their calls, so this holds few. */
  readonly #signals = new WeakMap<AbortSignal, AbortSignal>();
  /** When HubSpot last answered anything of use: tells one unlucky call from a HubSpot that is away. */
  #aliveAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: TransportOptions) {
    this.#options = options;
    setMaxListeners(0, this.#closing.signal);
  }

  /** Requests sent, repeated ones included. */
  get calls(): number {
    return this.#calls;
  }

  get retries(): number {
    return this.#retries;
  }

  get clockReading(): ClockReading | undefined {
    return this.#clockReading;
  }

  /**
   * Makes a call, with its retries.
   * @throws WireError (DESTINATION_REFUSED, DESTINATION_UNREACHABLE, RUN_DEFERRED) with what the caller may act on;
   * ScorelineError DESTINATION_UNAUTHORIZED, DESTINATION_FORBIDDEN, or DESTINATION_UNREACHABLE where no call gets
   * through; the signal's reason
   */
  send(call: WireCall): Promise<WireAnswer> {
    const path = pathInVersion(call.path, this.#options.apiVersion);
    const signal = this.#withClosing(call.signal);
    return this.#concurrently(() => this.#sendWithRetries({ ...call, path, signal }));
  }

  /** Ends all waits; later calls fail. */
  close(): void {
    this.#closing.abort(new Error('the connection to HubSpot is closed'));
  }

  #withClosing(signal: AbortSignal | undefined): AbortSignal {
    if (signal === undefined) return this.#closing.signal;
    let combined = this.#signals.get(signal);
    if (combined === undefined) {
      combined = AbortSignal.any([signal, this.#closing.signal]);
      // One listener for each call that waits: as many as there are, and no leak.
      setMaxListeners(0, combined);
      this.#signals.set(signal, combined);
    }
    return combined;
  }

  async #sendWithRetries(call: WireCall): Promise<WireAnswer> {
    const { clock, random, quota, token, onEvent } = this.#options;
    const startedAtMs = clock.monotonicMs();
    let troubleSinceMs: number | undefined;
    let failures = 0;
    let turnedAway = 0;
    let lostAnswers = 0;
    const unlessLost = (error: unknown): never => {
      const mayBeDone = lostAnswers > 0 && call.effect !== 'read';
      throw mayBeDone && call.signal?.aborted ? interruptedError(call, lostAnswers) : error;
    };
    for (let attempt = 1; ; attempt += 1) {
      const admission = await quota.admit(call.pool ?? 'general', call.signal).catch(unlessLost);
      if (admission.kind === 'closed') throw postponedError(spentDay, admission.retryAt, lostAnswers);
      const { permit } = admission;
      const verdict = await this.#attempt(call, permit);
      if (verdict.kind === 'done' || verdict.kind === 'refused') {
        this.#aliveAtMs = clock.monotonicMs();
        if (verdict.kind === 'done') return { ...verdict, lostAnswers };
        throw refusedError(call, verdict.refusal, { token, lostAnswers });
      }
      if (verdict.kind === 'limited') permit.refused(verdict.limit, verdict.retryAfterMs);
      if (verdict.kind === 'failed') failures += 1;
      else turnedAway += 1;
      if (verdict.kind === 'failed' && verdict.reached) {
        if (call.effect === 'once') throw lostAnswerError(call, verdict.reason);
        lostAnswers += 1;
      }
      troubleSinceMs ??= clock.monotonicMs();
      const troubleMs = clock.monotonicMs() - troubleSinceMs;
      const decision = decideRetry(verdict, { failures, turnedAway, troubleMs }, random);
      const reason = verdict.kind === 'limited' ? `over the ${verdict.limit} limit (429)` : verdict.reason;
      if (decision.kind === 'give-up') throw this.#gaveUp(call, reason, attempt, startedAtMs);
      if (decision.kind === 'postpone') {
        const retryAt = quota.daily.closedUntil() ?? new Date(clock.now().getTime() + decision.waitMs);
        throw postponedError(reason, retryAt, lostAnswers);
      }
      onEvent({ kind: 'retry', method: call.method, path: call.path, reason, attempt, waitMs: decision.waitMs });
      this.#retries += 1;
      await clock.sleep(decision.waitMs, call.signal).catch(unlessLost);
    }
  }

  async #attempt(call: WireCall, permit: Permit): Promise<Verdict> {
    const { baseUrl, token, clock, answerTimeoutMs, onEvent } = this.#options;
    const sentAtMs = clock.monotonicMs();
    this.#calls += 1;
    let got: Exchange | undefined;
    try {
      got = await exchange({
        url: baseUrl + call.path,
        method: call.method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: call.body,
        timeoutMs: answerTimeoutMs,
        signal: call.effect === 'read' ? call.signal : undefined,
      });
    } finally {
      if (got?.kind === 'answer') permit.answered(readRateHeaders(got.headers));
      else permit.broken();
    }
    if (got.kind === 'answer') {
      const durationMs = clock.monotonicMs() - sentAtMs;
      const correlationId = got.headers.get('x-hubspot-correlation-id') ?? undefined;
      this.#hearTime(got.headers.get('date'), durationMs / 2);
      onEvent({ kind: 'call', method: call.method, path: call.path, status: got.status, durationMs, correlationId });
    }
    return judge(got, call.shape, clock.now());
  }

  /** @param halfLastedMs the answer was given at the middle of its call, give or take so much */
  #hearTime(header: string | null, halfLastedMs: number): void {
    // What is below a second is cut off.
    const toldMs = Date.parse(header ?? '') + 500;
    if (Number.isNaN(toldMs)) return;
    const heardMs = this.#options.clock.now().getTime() - halfLastedMs;
    this.#clockReading = { aheadMs: toldMs - heardMs, uncertainMs: halfLastedMs + 500 };
  }

  #gaveUp(call: WireCall, reason: string, attempts: number, startedAtMs: number): ScorelineError {
    const isAlone = this.#aliveAtMs > startedAtMs;
    if (isAlone) return lostAnswerError(call, `${reason}, ${attempts} times`);
    const { origin } = new URL(this.#options.baseUrl);
    const text = `HubSpot at ${origin} does not answer ${call.method} ${call.path}: ${reason}, ${attempts} times`;
    return new ScorelineError('DESTINATION_UNREACHABLE', text);
  }
}
