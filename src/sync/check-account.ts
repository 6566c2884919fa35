import { ScorelineError } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { Plan } from './plan-types.ts';

export interface CheckAccountRequest {
  readonly hubspot: HubSpot;
  readonly plan: Pick<Plan, 'sync' | 'object' | 'rows' | 'schema' | 'lists'>;
  readonly signal?: AbortSignal;
}

/**
 * Whether the token may write what a plan holds, and whether the account has room for its records: as far as HubSpot tells,
 * and asked only where there is something to write.
 * @throws DESTINATION_FORBIDDEN naming every scope that is missing, DESTINATION_LIMIT
 */
export async function checkAccount({ hubspot, plan, signal }: CheckAccountRequest): Promise<void> {
  const { sync, object, rows, schema, lists } = plan;
  const rowsToSend = rows.creates + rows.updates + rows.clears - rows.rejected;
  await checkScopes({
    hubspot,
    sync,
    object,
    writes: {
      rows: rowsToSend > 0,
      schema: schema.group !== null || schema.properties.length + schema.options.length > 0,
      lists: lists.some(({ listId, adds, removes }) => listId === null || adds + removes > 0),
    },
    signal,
  });
  if (rows.creates > 0) await checkRoom({ hubspot, plan, signal });
}

export interface ScopesRequest extends Pick<CheckAccountRequest, 'hubspot' | 'signal'> {
  readonly sync: string;
  readonly object: string;
  readonly writes: { readonly rows: boolean; readonly schema: boolean; readonly lists: boolean };
}

/** @throws DESTINATION_FORBIDDEN naming every scope that is missing */
export async function checkScopes({ hubspot, sync, object, writes, signal }: ScopesRequest): Promise<void> {
  const needed = [
    ...(writes.schema ? [scopesOf('schemas', object)] : []),
    ...(writes.rows ? [scopesOf('objects', object)] : []),
    ...(writes.lists ? [['crm.lists.write']] : []),
  ];
  if (needed.length === 0) return;
  const granted = await hubspot.scopes(signal);
  if (granted === undefined) return;
  const missing = needed.filter((anyOf) => !anyOf.some((scope) => granted.has(scope))).map(([first = '']) => first);
  if (missing.length === 0) return;
  const which = `scope${missing.length === 1 ? '' : 's'} ${missing.join(', ')}`;
  throw new ScorelineError(
    'DESTINATION_FORBIDDEN',
    `The access token lacks the ${which}, which ${sync} needs to write ${object}; nothing was written`,
    { details: { missingScopes: missing } },
  );
}

/** Any of them will do; the first is the one to ask for. Custom objects share theirs. */
function scopesOf(what: 'objects' | 'schemas', object: string): readonly string[] {
  const names = knownObjects[object] ?? (/^(2-|p\d+_)/.test(object) ? ['custom'] : ['custom', object]);
  return names.map((name) => `crm.${what}.${name}.write`);
}

const knownObjects: Readonly<Record<string, readonly string[]>> = {
  contacts: ['contacts'],
  companies: ['companies'],
  deals: ['deals'],
  '0-1': ['contacts'],
  '0-2': ['companies'],
  '0-3': ['deals'],
};

async function checkRoom({ hubspot, plan, signal }: CheckAccountRequest): Promise<void> {
  const { sync, object, rows } = plan;
  const left = await hubspot.schema.readRecordsLeft(object, signal);
  if (left === undefined || rows.creates <= left) return;
  const [taken, wanted] = [left, rows.creates].map((count) => count.toLocaleString('en-US'));
  throw new ScorelineError(
    'DESTINATION_LIMIT',
    `The HubSpot account takes ${taken} more ${object}, and ${sync} would create ${wanted}; nothing was written`,
    { details: { left, wanted: rows.creates } },
  );
}
