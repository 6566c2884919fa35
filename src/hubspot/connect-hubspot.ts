import { ScorelineError } from '../errors/scoreline-error.ts';
import { readAccount } from './account.ts';
import { type Clock, systemClock } from './clock.ts';
import type { HubSpotListener } from './hubspot-event.ts';
import { defaultMembersPerCall, hubSpotLists } from './lists.ts';
import { AccountQuota } from './quota/account-quota.ts';
import { hubSpotRecords } from './records/records.ts';
import { hubSpotSchema } from './schema.ts';
import { readScopes } from './token-scopes.ts';
import type { Account, HubSpot } from './types.ts';
import type { ApiVersion } from './wire/api-paths.ts';
import { Transport } from './wire/transport.ts';

export interface HubSpotConnection {
  readonly baseUrl: string;
  /** A secret: in no message and no event. */
  readonly token: string;
  readonly apiVersion: ApiVersion;
  /** A ceiling of our own; absent: what HubSpot's answers say. */
  readonly burstPer10s?: number;
  /** Share of the day's calls that is left to other integrations, 0 to 1. */
  readonly dailyReserveRatio: number;
  readonly membersPerCall?: number;
  readonly clock?: Clock;
  /** Yields numbers from 0 to 1. */
  readonly random?: () => number;
  readonly onEvent?: HubSpotListener;
  readonly timeouts?: { readonly answerMs?: number };
}

/** HubSpot's own edge gives up after 100 s and says so; only a dead connection stays silent longer. */
const answerTimeoutMs = 110_000;

/**
 * Opens a connection to one HubSpot account; sends nothing yet. Everything that talks to the account shares it, since it
 * holds the account's quota.
 * @throws ScorelineError DESTINATION_UNREACHABLE, DESTINATION_UNAUTHORIZED for an address or a token that cannot be one
 */
export function connectHubSpot(connection: HubSpotConnection): HubSpot {
  const { apiVersion, burstPer10s, dailyReserveRatio, clock = systemClock, onEvent = () => undefined } = connection;
  const quota = new AccountQuota({
    clock,
    burstPer10s,
    dailyReserveRatio,
    onBurstLearnt: (burst) => onEvent({ kind: 'burst-learnt', burstPer10s: burst }),
  });
  const transport = new Transport({
    baseUrl: checkedBaseUrl(connection.baseUrl),
    token: checkedToken(connection.token),
    apiVersion,
    quota,
    clock,
    random: connection.random ?? Math.random,
    answerTimeoutMs: connection.timeouts?.answerMs ?? answerTimeoutMs,
    onEvent,
  });
  let account: Account | undefined;
  let scopes: ReadonlySet<string> | undefined;
  return {
    async account(signal) {
      account ??= await readAccount(transport, signal);
      quota.daily.setTimeZone(account.timeZone);
      return account;
    },
    async scopes(signal) {
      scopes ??= await readScopes(transport, connection.token, signal);
      return scopes;
    },
    schema: hubSpotSchema(transport, clock),
    records: hubSpotRecords(transport, onEvent),
    lists: hubSpotLists(transport, connection.membersPerCall ?? defaultMembersPerCall),
    usage: () => ({
      calls: transport.calls,
      retries: transport.retries,
      dailyRemaining: quota.daily.last?.remaining,
      dailyLimit: quota.daily.last?.limit,
      burstPer10s: quota.burstPer10s,
      clock: transport.clockReading,
    }),
    close: async () => transport.close(),
  };
}

function checkedBaseUrl(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return baseUrl.replace(/\/+$/, '');
  const hint = 'Set HUBSPOT_BASE_URL to an address such as http://127.0.0.1:8080, or leave it unset.';
  throw new ScorelineError('DESTINATION_UNREACHABLE', `"${baseUrl}" is no web address of a HubSpot`, {
    hint,
    retryable: false,
  });
}

function checkedToken(token: string): string {
  // Header values cannot hold anything else, and the error about it would show the token.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ScorelineError(
    'DESTINATION_UNAUTHORIZED',
    'The access token is empty, or has spaces or characters that no token has',
  );
}
