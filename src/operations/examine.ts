import { sql } from 'kysely';
import { stagingSuffix } from '../build/staging.ts';
import { sourceTables } from '../build/template-scope.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { RelationName } from '../sql/types.ts';
import { textOf } from '../state/row-values.ts';
import { checkScopes } from '../sync/check-account.ts';
import type { Warehouse } from '../warehouse/port.ts';
import { checkPortal } from './check-portal.ts';
import { type Workspace, withHubSpot, withWarehouse } from './workspace.ts';

export interface Finding {
  readonly about: 'warehouse' | 'clock' | 'source' | 'schema' | 'hubspot' | 'scopes' | 'limits';
  readonly state: 'ok' | 'warning' | 'error';
  /** One line. */
  readonly message: string;
  readonly hint?: string;
  /** Of an error. */
  readonly error?: ScorelineError;
}

/** More would show: leases and pauses go by both clocks. */
const mostSecondsApart = 5;

/** Below this share of the day's calls, a large sync may be deferred. */
const fewCallsShare = 0.1;

/**
 * The command `doctor`: whether the target works from here, part by part, where other commands stop at the first trouble.
 * In each of the target's two schemas it makes a small table and drops it, which is the only proof that it may; nothing
 * else is written.
 */
export async function examine(workspace: Workspace): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const look = async (about: Finding['about'], work: () => Promise<Finding | null>): Promise<void> => {
    try {
      const finding = await work();
      if (finding !== null) findings.push(finding);
    } catch (error) {
      if (!(error instanceof ScorelineError) || workspace.signal.aborted) throw error;
      findings.push({ about, state: 'error', message: error.message, hint: error.hint, error });
    }
  };
  await look('warehouse', async () => {
    await withWarehouse(workspace, (warehouse) => examineWarehouse(workspace, warehouse, look));
    return null;
  });
  await look('hubspot', async () => {
    await withHubSpot(workspace, (hubspot) => examineHubSpot(workspace, hubspot, look));
    return null;
  });
  return findings;
}

type Look = (about: Finding['about'], work: () => Promise<Finding | null>) => Promise<void>;

async function examineWarehouse(workspace: Workspace, warehouse: Warehouse, look: Look): Promise<void> {
  const { project, target, signal } = workspace;
  await look('warehouse', async () => {
    const { server, user, credential } = await warehouse.whoAmI({ signal, purpose: 'ask who we are' });
    const as = user === null ? '' : `, as ${user}`;
    return {
      about: 'warehouse',
      state: 'ok',
      message: `${server}${as}${credential === null ? '' : ` (${credential})`}`,
    };
  });
  await look('clock', () => compareClocks(workspace, warehouse));
  for (const table of sourceTables(project, target)) {
    await look('source', async () => {
      const { dialect } = warehouse;
      const rows = sql`select * from ${dialect.relation(table)} as source_rows`;
      const columns = await warehouse.describe(dialect.compile(rows), { signal, purpose: `read ${nameOf(table)}` });
      return { about: 'source', state: 'ok', message: `${nameOf(table)} can be read: ${columns.length} columns` };
    });
  }
  for (const schema of [target.schema, `${target.schema}_state`]) {
    await look('schema', () => tryToBuild(workspace, warehouse, schema));
  }
}

async function compareClocks({ now, signal }: Workspace, warehouse: Warehouse): Promise<Finding> {
  const { dialect } = warehouse;
  const askedAt = now().getTime();
  const [row] = await warehouse.query(dialect.compile(sql`select ${dialect.instantText(dialect.now())} as told_at`), {
    signal,
    purpose: 'ask for the time',
  });
  const halfLastedMs = (now().getTime() - askedAt) / 2;
  const aheadMs = row === undefined ? 0 : Date.parse(textOf(row, 'told_at')) - askedAt - halfLastedMs;
  const why = 'the times of leases are those of the warehouse';
  return clockFinding("the warehouse's clock", aheadMs, { uncertainMs: halfLastedMs, why });
}

/** @param uncertainMs an answer that came late may have been given at any time before */
function clockFinding(
  clock: string,
  aheadMs: number,
  { uncertainMs, why }: { readonly uncertainMs: number; readonly why: string },
): Finding {
  const apart = aheadMs / 1000;
  const message = `${clock} is ${Math.abs(apart).toFixed(1)} s ${apart < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(apart) <= mostSecondsApart + uncertainMs / 1000) return { about: 'clock', state: 'ok', message };
  const hint = `Set the clock of this machine: \`as_of\` of a run is taken from it, ${why}.`;
  return { about: 'clock', state: 'warning', message, hint };
}

async function tryToBuild({ signal, runId }: Workspace, warehouse: Warehouse, schema: string): Promise<Finding> {
  const { dialect } = warehouse;
  const table: RelationName = { schema, name: `doctor_${runId.replaceAll('-', '_')}${stagingSuffix}` };
  const options = { signal, purpose: `try to build in ${schema}` };
  await warehouse.createTable(table, dialect.compile(sql`select 1 as one`), options);
  await warehouse.drop([table], options);
  return { about: 'schema', state: 'ok', message: `${schema}: tables can be made and dropped` };
}

async function examineHubSpot(workspace: Workspace, hubspot: HubSpot, look: Look): Promise<void> {
  const { project, signal } = workspace;
  const { portalId, accountType, timeZone } = await hubspot.account(signal);
  await look('hubspot', async () => {
    await checkPortal(workspace, hubspot);
    return { about: 'hubspot', state: 'ok', message: `account ${portalId} (${accountType}, ${timeZone})` };
  });
  await look('clock', async () => {
    const { clock } = hubspot.usage();
    const why = 'and so is the day whose calls are counted';
    return clock === undefined ? null : clockFinding("HubSpot's clock", clock.aheadMs, { ...clock, why });
  });
  await look('scopes', async () => {
    if ((await hubspot.scopes(signal)) === undefined) {
      const message = 'HubSpot does not tell what this token may do';
      return {
        about: 'scopes',
        state: 'warning',
        message,
        hint: 'A run says what is missing before it writes anything.',
      };
    }
    for (const { name, object, lists } of project.syncs.values()) {
      const writes = { rows: true, schema: true, lists: lists.length > 0 };
      await look('scopes', async () => {
        await checkScopes({ hubspot, sync: name, object, writes, signal });
        return { about: 'scopes', state: 'ok', message: `${name}: the token may write ${object}` };
      });
    }
    return null;
  });
  await look('limits', async () => {
    const { burstPer10s, dailyLimit, dailyRemaining } = hubspot.usage();
    const burst = `${burstPer10s} requests in 10 s`;
    if (dailyLimit === undefined || dailyRemaining === undefined) {
      return { about: 'limits', state: 'ok', message: `${burst}; HubSpot does not tell the day's limit` };
    }
    const message = `${burst}; ${dailyRemaining} of ${dailyLimit} requests are left today`;
    if (dailyRemaining >= dailyLimit * fewCallsShare) return { about: 'limits', state: 'ok', message };
    return { about: 'limits', state: 'warning', message, hint: 'What does not fit in is deferred to the next day.' };
  });
}

function nameOf({ database, schema, name }: RelationName): string {
  return [database, schema, name].filter((part) => part !== undefined).join('.');
}
