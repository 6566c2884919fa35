import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { ScorelineError } from '../../errors/scoreline-error.ts';
import type { ObjectType } from '../account/object-type.ts';
import { customObjectType } from '../account/standard-object-types.ts';
import { isTimeZone } from '../account/time-zone.ts';
import type { SandboxCore } from '../sandbox-core.ts';
import { faultSchema } from '../traffic/fault.ts';
import { ControlError } from './control-error.ts';
import { describeRecord, pageOfRecords, pageOfWrites, writeTotals } from './read-records.ts';
import { seedRecords } from './seed-records.ts';

const resettable = ['log', 'writes', 'faults', 'limits'] as const;
const recordId = z.union([z.string(), z.int()]).transform(String);

const bodies = {
  reset: z.strictObject({ only: z.array(z.enum(resettable)).optional() }),
  records: z.strictObject({ object: z.string(), records: z.array(z.unknown()) }),
  merge: z.strictObject({ object: z.string(), winner: recordId, loser: recordId }),
  delete: z.strictObject({ object: z.string(), ids: z.array(recordId).min(1) }),
  clock: z.strictObject({ advanceMs: z.int().min(0) }),
  objectType: z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9_]*$/), singular: z.string().optional() }),
  identity: z.strictObject({
    portalId: z.int().min(1).optional(),
    accountType: z.string().min(1).optional(),
    timeZone: z.string().refine(isTimeZone, 'no time zone of that name').optional(),
    token: z.string().min(1).optional(),
  }),
};

/**
 * `/_sandbox`: what HubSpot does not have. Needs no token, is not in the request log and not under the rate limits.
 * Every answer is JSON; a request that cannot be done is answered with 400 or 404 and `{ "error": "…" }`.
 */
export function controlApp(core: SandboxCore): Hono {
  const app = new Hono();

  app.get('/requests', (c) => c.json(findRequests(core, c)));

  app.get('/writes', (c) => {
    const object = c.req.query('object');
    if (object === undefined) return c.json({ objects: core.account.types.map(writeTotals) });
    const type = typeOf(core, object);
    const after = c.req.query('after');
    const page = pageOfWrites(type, {
      ...(after !== undefined && { after }),
      limit: count(c, 'limit', 1_000),
      min: count(c, 'min', 1),
    });
    return c.json({ ...writeTotals(type), ...page });
  });

  app.get('/faults', (c) => c.json({ faults: core.faults.faults }));
  app.post('/faults', async (c) => {
    const input = await json(c);
    const faults = z.array(faultSchema).parse(Array.isArray(input) ? input : [input]);
    return c.json({ faults: faults.map((fault) => core.faults.add(fault)) }, 201);
  });
  app.delete('/faults', (c) => {
    core.faults.clear();
    return c.json({ faults: [] });
  });
  app.delete('/faults/:id', (c) => {
    if (!core.faults.remove(c.req.param('id'))) throw new ControlError(404, `no fault ${c.req.param('id')}`);
    return c.json({ faults: core.faults.faults });
  });

  app.post('/reset', async (c) => {
    const { only } = bodies.reset.parse(await json(c));
    if (only === undefined) core.reset();
    if (only?.includes('log')) core.resetLog();
    if (only?.includes('faults')) core.faults.clear();
    if (only?.includes('limits')) core.resetLimits();
    if (only?.includes('writes')) for (const type of core.account.types) type.records.resetCounters();
    return c.json({ reset: only ?? 'all' });
  });

  app.get('/records', (c) => {
    const type = typeOf(core, c.req.query('object') ?? '');
    const after = c.req.query('after');
    const archived = c.req.query('archived') === 'true';
    return c.json(
      pageOfRecords(type, { ...(after !== undefined && { after }), limit: count(c, 'limit', 100), archived }),
    );
  });
  app.get('/records/:object/:id', (c) => {
    const type = typeOf(core, c.req.param('object'));
    const found = describeRecord(core.account, type, c.req.param('id'));
    if (found === undefined) throw new ControlError(404, `no record ${c.req.param('id')} of type ${type.names.name}`);
    return c.json(found);
  });
  app.post('/records', async (c) => {
    const { object, records } = bodies.records.parse(await json(c));
    const ids = seedRecords(core, typeOf(core, object), records);
    core.flush();
    return c.json({ ids }, 201);
  });

  app.post('/merge', async (c) => {
    const { object, winner, loser } = bodies.merge.parse(await json(c));
    const type = typeOf(core, object);
    if (winner === loser) throw new ControlError(400, 'a record cannot be merged into itself');
    for (const id of [winner, loser]) requireRecord(type, id);
    core.account.apply({ kind: 'records_merged', object: type.names.id, winner, loser, at: core.now() });
    core.flush();
    return c.json({ id: winner });
  });

  app.post('/delete', async (c) => {
    const { object, ids } = bodies.delete.parse(await json(c));
    const type = typeOf(core, object);
    for (const id of ids) requireRecord(type, id);
    for (const id of new Set(ids))
      core.account.apply({ kind: 'record_archived', object: type.names.id, id, at: core.now() });
    core.flush();
    return c.json({ deleted: ids.length });
  });

  app.post('/object-types', async (c) => {
    const { name, singular = name } = bodies.objectType.parse(await json(c));
    if (core.account.findType(name) !== undefined) throw new ControlError(400, `there is a type ${name} already`);
    const names = customObjectType(name, singular, core.account.types.filter((type) => type.names.custom).length);
    core.account.apply({ kind: 'object_type', names });
    core.flush();
    return c.json({ objectTypeId: names.id, name }, 201);
  });

  app.get('/settings', (c) => c.json({ account: core.account.identity, ...core.settings }));
  app.patch('/settings', async (c) => {
    const { account, ...settings } = z.looseObject({ account: bodies.identity.default({}) }).parse(await json(c));
    core.change(settings);
    if (Object.keys(account).length > 0) core.changeIdentity(account);
    return c.json({ account: core.account.identity, ...core.settings });
  });

  app.post('/clock', async (c) => {
    core.advanceClock(bodies.clock.parse(await json(c)).advanceMs);
    return c.json({ now: new Date(core.now()).toISOString() });
  });

  app.post('/save', (c) => {
    core.save();
    return c.json({ saved: core.stateFile !== undefined });
  });

  app.all('*', (c) => c.json({ error: `no control endpoint ${c.req.method} ${c.req.path}` }, 404));
  app.onError((error, c) => {
    if (error instanceof ControlError) return c.json({ error: error.message }, error.status);
    if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 400);
    if (error instanceof ScorelineError) return c.json({ error: error.message }, 400);
    throw error;
  });
  return app;
}

function findRequests(core: SandboxCore, c: Context): unknown {
  const { method, path, status, fault, since } = c.req.query();
  const found = core.log.find({
    ...(method !== undefined && { method: method.toUpperCase() }),
    ...(path !== undefined && { path: regExp(path) }),
    ...(status !== undefined && { status: Number(status) }),
    ...(fault !== undefined && { fault }),
    ...(since !== undefined && { since: Number(since) }),
  });
  const { total, countsByStatus, countsByMethod } = core.log;
  return {
    total,
    countsByStatus,
    countsByMethod,
    matched: found.length,
    requests: found.slice(0, count(c, 'limit', 100)),
  };
}

function typeOf(core: SandboxCore, name: string): ObjectType {
  const type = core.account.findType(name);
  if (type !== undefined) return type;
  const known = core.account.types.map(({ names }) => names.name).join(', ');
  throw new ControlError(400, `unknown object type "${name}": expected one of ${known}`);
}

function requireRecord(type: ObjectType, id: string): void {
  if (type.records.get(id) === undefined) throw new ControlError(404, `no record ${id} of type ${type.names.name}`);
}

function count(c: Context, parameter: string, fallback: number): number {
  const text = c.req.query(parameter);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new ControlError(400, `${parameter}: "${text}" is not a whole number`);
}

function regExp(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new ControlError(400, `path: "${text}" is not a regular expression`);
  }
}

/** An empty body is an empty object. */
async function json(c: Context): Promise<unknown> {
  const text = await c.req.text();
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new ControlError(400, `the body is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
}
