import { setTimeout as sleep } from 'node:timers/promises';
import type { BigQuery } from '@google-cloud/bigquery';
import { interruption, throwIfInterrupted } from '../interruption.ts';
import type { StatementOptions } from '../port.ts';
import { errorFactsOf } from './error-facts.ts';
import { bigQueryRefusal } from './errors.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Behind the project, such as `/jobs`. */
  readonly uri: string;
  readonly qs?: Readonly<Record<string, string | number | boolean>>;
  readonly json?: object;
  /** Tries at most; several by default. */
  readonly maxTries?: number;
  /** An abort waits for the answer: what was asked for may be there by then, and has to be ended. */
  readonly isAwaited?: boolean;
}

/** Waits, or rejects when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;

export const pause: Pause = (ms, signal) => sleep(ms, undefined, { signal });

/** Five tries in about 15 seconds; Google asks for backing off exponentially, with chance. */
const maxTries = 5;
const firstPauseMs = 1000;

/** How long to wait before the next try; null: no more tries. @param tries so far */
export function pauseBeforeRetry(tries: number, most: number = maxTries): number | null {
  return tries >= most ? null : firstPauseMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2);
}

/** Requests to the REST API by the official client. What Google says may pass is tried again, a few times. */
export class BigQueryApi {
  readonly #client: BigQuery;
  readonly #pause: Pause;

  constructor(client: BigQuery, pauseFor: Pause) {
    this.#client = client;
    this.#pause = pauseFor;
  }

  /**
   * Sends a request that may be repeated.
   * @returns the body of the answer; its shape is the caller's to know
   * @throws what the client threw, for the caller to wrap; RUN_INTERRUPTED
   */
  async send<Body>(request: ApiRequest, options: StatementOptions | undefined): Promise<Body> {
    for (let tries = 1; ; tries++) {
      throwIfInterrupted(options);
      try {
        const answer = this.#sendOnce<Body>(request);
        return await (request.isAwaited === true ? answer : abortable(answer, options));
      } catch (cause) {
        throwIfInterrupted(options);
        const waitMs = errorFactsOf(cause).isPassing ? pauseBeforeRetry(tries, request.maxTries) : null;
        if (waitMs === null) throw cause;
        await this.wait(waitMs, options);
      }
    }
  }

  /** The same, with its errors wrapped. */
  async request<Body>(request: ApiRequest, options: StatementOptions | undefined): Promise<Body> {
    try {
      return await this.send<Body>(request, options);
    } catch (cause) {
      throw bigQueryRefusal(cause, undefined, options);
    }
  }

  async wait(ms: number, options: StatementOptions | undefined): Promise<void> {
    try {
      await this.#pause(ms, options?.signal);
    } catch {
      throw interruption(options);
    }
  }

  #sendOnce<Body>({ method, uri, qs, json }: ApiRequest): Promise<Body> {
    return new Promise((resolve, reject) => {
      this.#client.request({ method, uri, qs, json, timeout: requestTimeoutMs }, (error: Error | null, body: Body) => {
        if (error === null || error === undefined) resolve(body);
        else reject(error);
      });
    });
  }
}

/** More than the longest time that an answer is waited for on purpose. */
const requestTimeoutMs = 60_000;

/** The request itself goes on, and its answer is let go. */
export async function abortable<T>(work: Promise<T>, options: StatementOptions | undefined): Promise<T> {
  const signal = options?.signal;
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(interruption(options));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
