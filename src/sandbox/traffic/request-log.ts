/** One request to HubSpot's endpoints, as the log keeps it. */
export interface LoggedRequest {
  /** Counts from 1 over the life of the log. */
  readonly sequence: number;
  /** ISO 8601 in UTC, by the sandbox's clock. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  /** 0 where no answer was sent. */
  readonly status: number;
  readonly ms: number;
  readonly correlationId: string;
  /** The last four characters. */
  readonly token: string;
  /** Of a batch. */
  readonly inputs?: number;
  /** Id of the fault that struck. */
  readonly fault?: string;
  /** Kept when the settings say so. */
  readonly requestBody?: string;
  readonly responseBody?: string;
}

export interface LogFilter {
  readonly method?: string;
  /** Over the path with its query; a regular expression, for one. */
  readonly path?: { test(path: string): boolean };
  readonly status?: number;
  readonly fault?: string;
  /** Only later ones. */
  readonly since?: number;
}

/** Keeps the last requests in a ring, and counts of all. */
export class RequestLog {
  #ring: LoggedRequest[] = [];
  #next = 0;
  #size = 0;
  #total = 0;
  readonly #byStatus = new Map<number, number>();
  readonly #byMethod = new Map<string, number>();

  get total(): number {
    return this.#total;
  }

  /** How many requests had each status, as `{ "200": 3 }`; 0 is a dropped connection. */
  get countsByStatus(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#byStatus].sort(([a], [b]) => a - b));
  }

  get countsByMethod(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byMethod);
  }

  nextSequence(): number {
    this.#total += 1;
    return this.#total;
  }

  add(request: LoggedRequest, size: number): void {
    this.#byStatus.set(request.status, (this.#byStatus.get(request.status) ?? 0) + 1);
    this.#byMethod.set(request.method, (this.#byMethod.get(request.method) ?? 0) + 1);
    if (size !== this.#size) this.#resize(size);
    if (size === 0) return;
    if (this.#ring.length < size) {
      this.#ring.push(request);
      return;
    }
    this.#ring[this.#next] = request;
    this.#next = (this.#next + 1) % size;
  }

  /** Newest first. */
  find(filter: LogFilter): readonly LoggedRequest[] {
    return this.#ordered()
      .filter((entry) => isWanted(entry, filter))
      .reverse();
  }

  #ordered(): readonly LoggedRequest[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  #resize(size: number): void {
    this.#ring = size === 0 ? [] : this.#ordered().slice(-size);
    this.#next = 0;
    this.#size = size;
  }
}

function isWanted(entry: LoggedRequest, filter: LogFilter): boolean {
  return (
    (filter.method === undefined || entry.method === filter.method) &&
    (filter.path === undefined || filter.path.test(entry.path)) &&
    (filter.status === undefined || entry.status === filter.status) &&
    (filter.fault === undefined || entry.fault === filter.fault) &&
    (filter.since === undefined || entry.sequence > filter.since)
  );
}
