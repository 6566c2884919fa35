import type { StatementOptions } from '../port.ts';
import type { Job } from './rest-types.ts';

/** Questions under way at one time; Google takes a thousand a second from a user. */
const maxConcurrent = 10;
/** Who waits for a sum at the end of a run does not wait for a network that is gone. */
const patienceMs = 20_000;

/**
 * What query jobs were billed, rounded and with the minimum of 10 MB a table as Google does it. Only the job itself has
 * this number: the answer with its rows tells what was processed, and of a script nothing certain. So jobs are asked when
 * somebody wants the sum, each once. That of a script counts for the statements in it; one that failed or was cancelled may
 * cost something too. Loading, copying and dry runs cost nothing, so they are not here.
 */
export class BilledBytes {
  readonly #get: (id: string, options: StatementOptions) => Promise<Job>;
  readonly #unasked: string[] = [];
  #sum = 0;

  /** @param get asks for a job */
  constructor(get: (id: string, options: StatementOptions) => Promise<Job>) {
    this.#get = get;
  }

  /** @param id of a query job that was begun */
  add(id: string): void {
    this.#unasked.push(id);
  }

  /** Null where Google does not say: the work is done all the same. Those without an answer are asked again the next time. */
  async sum(): Promise<number | null> {
    const options = { signal: AbortSignal.timeout(patienceMs), purpose: 'ask what was billed' };
    const askers = Array.from({ length: maxConcurrent }, () => this.#askInTurn(options));
    const ended = await Promise.allSettled(askers);
    return ended.every(({ status }) => status === 'fulfilled') ? this.#sum : null;
  }

  async #askInTurn(options: StatementOptions): Promise<void> {
    for (let id = this.#unasked.shift(); id !== undefined; id = this.#unasked.shift()) {
      try {
        const { statistics } = await this.#get(id, options);
        this.#sum += Number(statistics?.query?.totalBytesBilled ?? 0);
      } catch (error) {
        this.#unasked.push(id);
        throw error;
      }
    }
  }
}
