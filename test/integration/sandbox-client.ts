import { onTestFinished } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { FaultInput } from '../../src/sandbox/traffic/fault.ts';

/** Time that passes when told to. */
export class HandClock {
  #nowMs: number;

  constructor(start: string) {
    this.#nowMs = Date.parse(start);
  }

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed if it is JSON, else text; null if there is none. */
  readonly body: unknown;
}

export interface SandboxClient extends Sandbox {
  readonly clock: HandClock;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** `POST /crm/v3/objects/{type}/batch/{verb}` with these inputs. */
  batch(typeAndVerb: string, inputs: readonly unknown[], rest?: object): Promise<Answer>;
  /** A control endpoint that must succeed. */
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** @returns the ids of the records seeded */
  seed(object: string, ...records: readonly Readonly<Record<string, string>>[]): Promise<readonly string[]>;
  fault(fault: FaultInput): Promise<void>;
}

/** A sandbox with a clock of its own, closed when the test is over. */
export async function sandboxClient(options: SandboxOptions = {}): Promise<SandboxClient> {
  const clock = new HandClock('2026-05-04T12:00:00Z');
  const sandbox = await startSandbox({ clock, ...options });
  onTestFinished(() => sandbox.close());

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = { authorization: `Bearer ${sandbox.token}` },
  ): Promise<Answer> {
    const init = { method, headers: { 'content-type': 'application/json', ...headers } };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(sandbox.url + path, body === undefined ? init : { ...init, body: text });
    const received = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
    const parsed: unknown = received === '' ? null : isJson ? JSON.parse(received) : received;
    return { status: answer.status, headers: answer.headers, body: parsed };
  }

  async function control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await call(method, `/_sandbox${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  return {
    ...sandbox,
    clock,
    call,
    control,
    batch: (typeAndVerb, inputs, rest = {}) => {
      const [type, verb] = typeAndVerb.split(' ');
      return call('POST', `/crm/v3/objects/${type}/batch/${verb}`, { inputs, ...rest });
    },
    seed: async (object, ...records) => {
      const body = { object, records: records.map((properties) => ({ properties })) };
      return ((await control('POST', '/records', body)) as { readonly ids: readonly string[] }).ids;
    },
    fault: async (fault) => {
      await control('POST', '/faults', fault);
    },
  };
}

interface BatchBody {
  readonly results: readonly {
    readonly id: string;
    readonly properties: Readonly<Record<string, string | null>>;
    readonly objectWriteTraceId?: string;
    readonly new?: boolean;
  }[];
  readonly errors?: readonly {
    readonly category: string;
    readonly message: string;
    readonly context: Readonly<Record<string, readonly string[]>>;
  }[];
}

/** The body of a batch answer; throws for any other. */
export function batchBody({ status, body }: Answer): BatchBody {
  if (typeof body === 'object' && body !== null && 'results' in body) return body as BatchBody;
  throw new Error(`no batch answer but ${status} ${JSON.stringify(body)}`);
}

/** The ids of the results, ascending: their order says nothing. */
export function resultIds(answer: Answer): readonly string[] {
  return batchBody(answer)
    .results.map(({ id }) => id)
    .sort((a, b) => Number(a) - Number(b));
}

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
