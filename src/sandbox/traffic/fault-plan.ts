import type { Fault, FaultEffect } from './fault.ts';
import { type Random, seededRandom } from './random.ts';

export interface FaultState extends Fault {
  readonly id: string;
  /** Requests that matched so far, and those of them that it struck. */
  readonly matched: number;
  readonly struck: number;
}

export interface FaultTarget {
  readonly method: string;
  readonly path: string;
  readonly bodyText: string;
}

export interface Strike {
  readonly id: string;
  readonly effect: FaultEffect;
}

interface Armed {
  readonly fault: Fault & { readonly id: string };
  readonly path: RegExp | undefined;
  readonly body: RegExp | undefined;
  readonly random: Random;
  matched: number;
  struck: number;
}

/** The faults in force, in the order in which they were added. */
export class FaultPlan {
  #armed: Armed[] = [];
  #lastId = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  get faults(): readonly FaultState[] {
    return this.#armed.map(({ fault, matched, struck }) => ({ ...fault, matched, struck }));
  }

  add(added: Fault): FaultState {
    this.#lastId += 1;
    const fault = { ...added, id: added.id ?? `fault-${this.#lastId}` };
    const { path, body } = fault.match;
    this.#armed.push({
      fault,
      path: path === undefined ? undefined : new RegExp(path),
      body: body === undefined ? undefined : new RegExp(body),
      random: seededRandom(fault.seed ?? this.#seed + this.#lastId),
      matched: 0,
      struck: 0,
    });
    return { ...fault, matched: 0, struck: 0 };
  }

  /** @returns whether there was one with this id */
  remove(id: string): boolean {
    const before = this.#armed.length;
    this.#armed = this.#armed.filter(({ fault }) => fault.id !== id);
    return this.#armed.length < before;
  }

  clear(): void {
    this.#armed = [];
  }

  /** Counts the request for each fault that matches. @returns those that strike it */
  strikes(target: FaultTarget): readonly Strike[] {
    const strikes: Strike[] = [];
    for (const armed of this.#armed) {
      if (!matches(armed, target) || !strikesNow(armed)) continue;
      armed.struck += 1;
      strikes.push({ id: armed.fault.id, effect: armed.fault.effect });
      if (!letsOthersStrike(armed.fault.effect)) break;
    }
    return strikes;
  }
}

function matches({ fault, path, body }: Armed, target: FaultTarget): boolean {
  const { method } = fault.match;
  if (method !== undefined && method !== target.method) return false;
  if (path?.test(target.path) === false || body?.test(target.bodyText) === false) return false;
  // A conflict is a matter of certain records: other batches do not count for it.
  return fault.effect.kind !== 'conflict' || namesOneOf(target.bodyText, fault.effect.records);
}

function strikesNow(armed: Armed): boolean {
  const { nth, after, probability, times } = armed.fault;
  armed.matched += 1;
  if (nth !== undefined && armed.matched !== nth) return false;
  if (armed.matched <= after) return false;
  if (times !== null && armed.struck >= times) return false;
  return probability === 1 || armed.random.ratio() < probability;
}

function letsOthersStrike(effect: FaultEffect): boolean {
  return effect.kind === 'delay' || effect.kind === 'vanish';
}

/** @returns whether a batch's inputs name one of the records by id or by any value, without regard to case */
function namesOneOf(bodyText: string, records: readonly string[]): boolean {
  const wanted = new Set(records.map((record) => record.toLowerCase()));
  const named = (value: unknown): boolean =>
    typeof value === 'object' && value !== null
      ? Object.values(value).some(named)
      : typeof value === 'string' && wanted.has(value.toLowerCase());
  try {
    return named(JSON.parse(bodyText));
  } catch {
    return false;
  }
}
