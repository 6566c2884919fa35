import { randomUUID } from 'node:crypto';
import type { BigQuerySettings } from '../../project/warehouse-types.ts';
import type { CompiledSql } from '../../sql/types.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { StatementOptions } from '../port.ts';
import { type ApiRequest, type BigQueryApi, pauseBeforeRetry } from './api.ts';
import { errorFactsOf, JobError } from './error-facts.ts';
import { bigQueryRefusal } from './errors.ts';
import { jobLabels } from './job-labels.ts';
import type { Job, JobConfiguration, QueryResults } from './rest-types.ts';

/** How long Google holds back the answer to a question for results that are not there yet. */
const longPollMs = 10_000;
/** Between two looks at a job that has no results to wait for. */
const pollEveryMs = 500;

export interface JobRequest {
  readonly configuration: JobConfiguration;
  /** What is run, for the error's excerpt. */
  readonly statement?: CompiledSql;
}

/** A query job that is done, with its first rows. */
export interface QueryResult {
  readonly id: string;
  readonly page: QueryResults;
}

/**
 * Runs jobs to their end. Each has an id of ours, so that asking for one again after a lost answer finds the first one. A
 * job that failed for a reason that passes, such as another statement on the same rows, is run anew under another id: one
 * that failed has changed nothing, but for scripts, which may be repeated. An aborted signal cancels the job.
 */
export class Jobs {
  readonly #api: BigQueryApi;
  readonly #settings: BigQuerySettings;
  readonly #onQuery: (id: string) => void;

  /** @param onQuery told of every query job that begins */
  constructor(api: BigQueryApi, settings: BigQuerySettings, onQuery: (id: string) => void) {
    this.#api = api;
    this.#settings = settings;
    this.#onQuery = onQuery;
  }

  /** @param maxRows of the first page */
  query(request: JobRequest, maxRows: number, options: StatementOptions | undefined): Promise<QueryResult> {
    return this.#run(request, options, async (id) => {
      this.#onQuery(id);
      for (;;) {
        const page = await this.#firstPage(id, maxRows, options);
        if (page.jobComplete !== false) return { id, page };
      }
    });
  }

  /** Of a job that has no rows. @returns its statistics and final state */
  run(request: JobRequest, options: StatementOptions | undefined): Promise<Job> {
    return this.#run(request, options, (id, job) => this.#untilDone(id, job, options));
  }

  /** Waits for a job that was started elsewhere. @throws what the client threw, or a `JobError` */
  async finish(id: string, job: Job, options: StatementOptions | undefined): Promise<Job> {
    return this.#cancelOnAbort(id, options, () => this.#untilDone(id, job, options));
  }

  /** Nothing is run: what it would read, and the columns of its result. */
  async dryRun({ configuration, statement }: JobRequest, options: StatementOptions | undefined): Promise<Job> {
    const { location, project: projectId } = this.#settings;
    const json = { configuration: { ...configuration, dryRun: true }, jobReference: { projectId, location } };
    try {
      return await this.#api.send<Job>({ method: 'POST', uri: '/jobs', json }, options);
    } catch (cause) {
      throw bigQueryRefusal(cause, statement, options);
    }
  }

  /** @throws what the client threw */
  page(
    id: string,
    more: { readonly pageToken?: string; readonly maxResults: number; readonly timeoutMs?: number },
    options: StatementOptions | undefined,
    maxTries?: number,
  ): Promise<QueryResults> {
    const { location } = this.#settings;
    // As whole microseconds: a number of seconds would be rounded.
    const qs = { location, 'formatOptions.useInt64Timestamp': true, ...more };
    return this.#api.send({ method: 'GET', uri: `/queries/${id}`, qs, maxTries }, options);
  }

  /** A job that failed answers like a request that failed, so that the job itself has to be asked which of them did. */
  async #firstPage(id: string, maxResults: number, options: StatementOptions | undefined) {
    const more = { maxResults, timeoutMs: longPollMs };
    try {
      return await this.page(id, more, options, 1);
    } catch {
      throwIfInterrupted(options);
      throwIfFailed(await this.get(id, options));
      return this.page(id, more, options);
    }
  }

  /** A job's description with what every job has: an id, a place, labels, limits. */
  describe(configuration: JobConfiguration, options: StatementOptions | undefined): Job {
    const { project, location, statementTimeoutMs } = this.#settings;
    return {
      jobReference: { projectId: project, location, jobId: `scoreline_${randomUUID()}` },
      configuration: {
        ...configuration,
        labels: jobLabels(options),
        ...(statementTimeoutMs === undefined ? {} : { jobTimeoutMs: String(statementTimeoutMs) }),
      },
    };
  }

  async get(id: string, options: StatementOptions | undefined): Promise<Job> {
    const { location } = this.#settings;
    return this.#api.send<Job>({ method: 'GET', uri: `/jobs/${id}`, qs: { location } }, options);
  }

  async #run<T>(
    { configuration, statement }: JobRequest,
    options: StatementOptions | undefined,
    wait: (id: string, job: Job) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      throwIfInterrupted(options);
      const json = this.describe(configuration, options);
      const id = json.jobReference?.jobId ?? '';
      try {
        return await this.#cancelOnAbort(id, options, async () => wait(id, await this.#insert(id, json, options)));
      } catch (cause) {
        throwIfInterrupted(options);
        const waitMs = errorFactsOf(cause).isWorthAnotherJob ? pauseBeforeRetry(tries) : null;
        if (waitMs === null) throw bigQueryRefusal(cause, statement, options);
        await this.#api.wait(waitMs, options);
      }
    }
  }

  /** A job of our id that is there already is ours: its first answer was lost. */
  async #insert(id: string, json: Job, options: StatementOptions | undefined): Promise<Job> {
    let job: Job;
    try {
      job = await this.#api.send<Job>({ method: 'POST', uri: '/jobs', json, isAwaited: true }, options);
    } catch (cause) {
      if (errorFactsOf(cause).status !== 409) throw cause;
      job = await this.get(id, options);
    }
    throwIfFailed(job);
    return job;
  }

  async #untilDone(id: string, first: Job, options: StatementOptions | undefined): Promise<Job> {
    let job = first;
    while (job.status?.state !== 'DONE') {
      await this.#api.wait(pollEveryMs, options);
      job = await this.get(id, options);
    }
    throwIfFailed(job);
    return job;
  }

  async #cancelOnAbort<T>(id: string, options: StatementOptions | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (options?.signal?.aborted) await this.#cancel(id);
      throw error;
    }
  }

  /** Whoever is interrupted has been told so; that the job could not be cancelled as well would hide it. */
  async #cancel(id: string): Promise<void> {
    const { location } = this.#settings;
    const request: ApiRequest = { method: 'POST', uri: `/jobs/${id}/cancel`, qs: { location } };
    await Promise.allSettled([this.#api.send(request, undefined)]);
  }
}

function throwIfFailed(job: Job): void {
  const failure = job.status?.errorResult;
  if (failure !== undefined && failure !== null) throw new JobError(failure, job.status?.errors ?? []);
}
