import { Readable } from 'node:stream';
import type { AuthClient } from 'google-auth-library';
import type { ColumnType } from '../../sql/types.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { StatementOptions, Value } from '../port.ts';
import { valueToText } from '../value-text.ts';
import { errorFactsOf } from './error-facts.ts';
import { bigQueryRefusal } from './errors.ts';
import type { Jobs } from './jobs.ts';
import type { Job, LoadConfiguration, TableReference } from './rest-types.ts';
import { bigQueryType } from './values.ts';

export interface AppendRequest {
  readonly table: TableReference;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: Iterable<readonly Value[]> | AsyncIterable<readonly Value[]>;
  readonly options: StatementOptions | undefined;
}

export interface Uploader {
  readonly jobs: Jobs;
  /** Sends the request: the client's own upload takes no labels. */
  readonly auth: AuthClient;
  /** `…/upload/bigquery/v2/projects/<project>/jobs` */
  readonly url: string;
}

/**
 * Writes rows by one load job, which costs nothing and takes effect as a whole: lines of JSON, sent as they come. A table
 * takes 1,500 such jobs a day (https://cloud.google.com/bigquery/quotas#load_jobs, checked 2026-11), which is one a minute.
 *
 * Rows cannot be sent a second time. Where the answer to an upload is lost, the job's id tells whether it was received.
 * @returns rows written
 */
export async function appendRows({ jobs, auth, url }: Uploader, request: AppendRequest): Promise<number> {
  const { options } = request;
  const source = new SourceLines(request);
  // No rows are no job: Google would refuse an empty file of a table that it knows nothing of.
  if (!(await source.begin())) return 0;
  const job = jobs.describe({ load: loadOf(request) }, options);
  const id = job.jobReference?.jobId ?? '';
  try {
    const answer = await upload({ auth, url, job, lines: Readable.from(source), options });
    await jobs.finish(id, answer, options);
  } catch (cause) {
    throwIfInterrupted(options);
    if (source.failure !== null) throw source.failure.error;
    const received = wasUnanswered(cause) ? await findJob(jobs, id, options) : null;
    if (received === null) throw bigQueryRefusal(cause, undefined, options);
    await finishReceived(jobs, id, received, options);
  }
  return source.count;
}

/** The columns given, and no others, in a table that is there; those left out are null. */
function loadOf({ table, columns }: AppendRequest): LoadConfiguration {
  return {
    destinationTable: table,
    schema: { fields: columns.map(({ name, type }) => ({ name, type: bigQueryType(type) })) },
    sourceFormat: 'NEWLINE_DELIMITED_JSON',
    writeDisposition: 'WRITE_APPEND',
    createDisposition: 'CREATE_NEVER',
  };
}

interface Upload {
  readonly auth: AuthClient;
  readonly url: string;
  readonly job: Job;
  readonly lines: Readable;
  readonly options: StatementOptions | undefined;
}

async function upload({ auth, url, job, lines, options }: Upload): Promise<Job> {
  const { data } = await auth.request<Job>({
    url,
    method: 'POST',
    params: { uploadType: 'multipart' },
    multipart: [
      { headers: new Headers({ 'content-type': 'application/json; charset=UTF-8' }), content: JSON.stringify(job) },
      { headers: new Headers({ 'content-type': 'application/octet-stream' }), content: lines },
    ],
    signal: options?.signal,
    retry: false,
  });
  return data;
}

function wasUnanswered(cause: unknown): boolean {
  const { status } = errorFactsOf(cause);
  return status === undefined || status >= 500;
}

/** @returns null where Google never got it */
async function findJob(jobs: Jobs, id: string, options: StatementOptions | undefined): Promise<Job | null> {
  try {
    return await jobs.get(id, options);
  } catch {
    // What the upload failed with says more.
    return null;
  }
}

async function finishReceived(jobs: Jobs, id: string, job: Job, options: StatementOptions | undefined): Promise<void> {
  try {
    await jobs.finish(id, job, options);
  } catch (cause) {
    throw bigQueryRefusal(cause, undefined, options);
  }
}

/** The rows as lines of JSON. What their source throws ends the upload, and is kept to be thrown on. */
class SourceLines implements AsyncIterable<string> {
  readonly #request: AppendRequest;
  readonly #rows: AsyncIterator<readonly Value[]> | Iterator<readonly Value[]>;
  #first: IteratorResult<readonly Value[]> | null = null;
  count = 0;
  failure: { readonly error: unknown } | null = null;

  constructor(request: AppendRequest) {
    this.#request = request;
    const { rows } = request;
    this.#rows = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  }

  /** @returns whether there are any rows */
  async begin(): Promise<boolean> {
    this.#first = await this.#rows.next();
    return this.#first.done !== true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    try {
      for (let next = this.#first ?? (await this.#rows.next()); next.done !== true; next = await this.#rows.next()) {
        throwIfInterrupted(this.#request.options);
        this.count += 1;
        yield this.#line(next.value);
      }
    } catch (error) {
      this.failure = { error };
      throw error;
    } finally {
      // A reader who left early, as where the upload was refused, leaves the source too.
      await this.#rows.return?.();
    }
  }

  #line(row: readonly Value[]): string {
    const { columns } = this.#request;
    if (row.length !== columns.length) {
      throw new TypeError(`A row of ${row.length} values for ${columns.length} columns`);
    }
    const members = columns.map(({ name, type }, index) => [name, valueToText(type, row[index] ?? null)]);
    return `${JSON.stringify(Object.fromEntries(members))}\n`;
  }
}
