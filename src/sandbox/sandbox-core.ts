import { randomInt, randomUUID } from 'node:crypto';
import { Account } from './account/account.ts';
import type { AccountIdentity } from './account/change.ts';
import type { Clock } from './clock.ts';
import type { StateFile } from './file/state-file.ts';
import { parseSettings, type SandboxSettings } from './settings.ts';
import { FaultPlan } from './traffic/fault-plan.ts';
import { type Random, seededRandom } from './traffic/random.ts';
import { RateLimits } from './traffic/rate-limits.ts';
import { type LoggedRequest, RequestLog } from './traffic/request-log.ts';

/** Everything a running sandbox knows: what the endpoints, the control endpoints and the page work on. */
export class SandboxCore {
  account: Account;
  settings: SandboxSettings;
  limits: RateLimits;
  faults: FaultPlan;
  log = new RequestLog();
  random: Random;
  /** Where the account is kept, if it is. */
  stateFile: StateFile | undefined;
  readonly onRequest: ((request: LoggedRequest) => void) | undefined;
  readonly #clock: Clock;
  #clockOffsetMs = 0;

  constructor(account: Account, settings: SandboxSettings, clock: Clock, onRequest?: (request: LoggedRequest) => void) {
    this.account = account;
    this.settings = settings;
    this.#clock = clock;
    this.onRequest = onRequest;
    this.limits = new RateLimits(account.identity.timeZone);
    this.faults = new FaultPlan(settings.seed);
    this.random = seededRandom(settings.seed);
  }

  now(): number {
    return this.#clock.now() + this.#clockOffsetMs;
  }

  /** Lets the sandbox's time run ahead: a test of a midnight need not wait for it. */
  advanceClock(ms: number): void {
    this.#clockOffsetMs += ms;
  }

  /** Makes sure that what was changed is in the file, if there is one, before anyone is told of it. */
  flush(): void {
    this.stateFile?.flush(this.account);
  }

  save(): void {
    this.stateFile?.save(this.account);
  }

  change(settings: unknown): void {
    this.settings = parseSettings(settings, this.settings);
  }

  changeIdentity(changed: Partial<AccountIdentity>): void {
    this.account.apply({ kind: 'identity', identity: { ...this.account.identity, ...changed } });
    this.flush();
    if (changed.timeZone !== undefined) this.resetLimits();
  }

  /** Forgets counts and windows of the rate limits. */
  resetLimits(): void {
    this.limits = new RateLimits(this.account.identity.timeZone);
  }

  resetLog(): void {
    this.log = new RequestLog();
  }

  /** Back to an empty account of the same identity, without faults, log and counts; settings stay. */
  reset(): void {
    const { onChange } = this.account;
    this.account = new Account(this.account.identity, this.now());
    this.account.onChange = onChange;
    this.faults.clear();
    this.resetLimits();
    this.resetLog();
    this.random = seededRandom(this.settings.seed);
    this.save();
  }
}

/** @returns the identity of a new account: a random-looking portal id of eight digits, and a token */
export function newIdentity(given: Partial<AccountIdentity>): AccountIdentity {
  return {
    portalId: given.portalId ?? randomInt(10_000_000, 100_000_000),
    accountType: given.accountType ?? 'DEVELOPER_TEST',
    timeZone: given.timeZone ?? 'UTC',
    uiDomain: given.uiDomain ?? 'app.hubspot.com',
    token: given.token ?? `pat-na1-${randomUUID()}`,
  };
}
