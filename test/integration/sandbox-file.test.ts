import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ScorelineError } from '../../src/errors/scoreline-error.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { batchBody, resultIds, type SandboxClient, sandboxClient } from './sandbox-client.ts';

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scoreline-sandbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'below', 'account.jsonl');
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    if (error instanceof ScorelineError) return error.code;
    throw error;
  }
}

/** Does one of everything that an account remembers. */
async function fill({ call, batch, seed, control }: SandboxClient): Promise<void> {
  const groups = { name: 'scoreline', label: 'Scoreline' };
  await call('POST', '/crm/v3/properties/contacts/groups', groups);
  await call('POST', '/crm/v3/properties/contacts/groups', { ...groups, name: 'gone' });
  await call('DELETE', '/crm/v3/properties/contacts/groups/gone');
  const score = { label: 'Score', type: 'number', fieldType: 'number', groupName: 'scoreline' };
  await call('POST', '/crm/v3/properties/contacts', { ...score, name: 'score' });
  await call('POST', '/crm/v3/properties/contacts', { ...score, name: 'retired' });
  await call('DELETE', '/crm/v3/properties/contacts/retired');
  await control('POST', '/object-types', { name: 'cars' });
  await seed('cars', {});
  const emails = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ email: `${name}@example.com`, score: '1' }));
  const [a, b, c, d, e] = await seed('contacts', ...emails);
  await call('POST', '/crm/v3/lists', { name: 'Hot', objectTypeId: '0-1', processingType: 'MANUAL' });
  await call('POST', '/crm/v3/lists', { name: 'Old', objectTypeId: '0-1', processingType: 'MANUAL' });
  for (const id of [e, a, d]) await call('PUT', '/crm/v3/lists/1/memberships/add', [id]);
  await call('PUT', '/crm/v3/lists/2/memberships/add', [a]);
  await call('DELETE', '/crm/v3/lists/2');
  await batch('contacts update', [{ id: a, properties: { score: '2' } }]);
  await batch('contacts update', [{ id: a, properties: { score: '2' } }]);
  await batch('contacts upsert', [{ id: 'new@example.com', idProperty: 'email', properties: { score: '9' } }]);
  await control('POST', '/delete', { object: 'contacts', ids: [b] });
  await control('POST', '/merge', { object: 'contacts', winner: c, loser: d });
}

/** Everything that can be seen of an account from outside. */
async function look({ call, control }: SandboxClient): Promise<unknown> {
  const records = (await control('GET', '/records?object=contacts')) as { records: { id: string }[] };
  const paths = [
    '/crm/v3/properties/contacts',
    '/crm/v3/properties/contacts?archived=true',
    '/crm/v3/properties/contacts/groups',
    '/crm/v3/lists/1',
    '/crm/v3/lists/1/memberships/join-order',
    '/crm/v3/objects/cars',
    '/crm/v3/objects/contacts?archived=true',
  ];
  return {
    records: await Promise.all(records.records.map(({ id }) => control('GET', `/records/contacts/${id}`))),
    writes: await control('GET', '/writes'),
    answers: await Promise.all(paths.map(async (path) => (await call('GET', path)).body)),
    account: (await call('GET', '/account-info/v3/details')).body,
  };
}

describe('an account kept in a file', () => {
  test('is the same after a restart, whether it was closed or killed', async () => {
    const statePath = newPath();
    const first = await sandboxClient({ statePath });
    await fill(first);
    const before = await look(first);
    // What a killed process leaves: everything that was answered, without the rewriting that closing does.
    const killed = newPath();
    mkdirSync(join(killed, '..'), { recursive: true });
    copyFileSync(statePath, killed);
    await first.close();
    for (const path of [statePath, killed]) {
      const again = await sandboxClient({ statePath: path });
      expect(await look(again)).toEqual(before);
      expect(again).toMatchObject({ portalId: first.portalId, token: first.token });
      await again.close();
    }
  });

  test('goes on with new ids and finds records by every key after a restart', async () => {
    const statePath = newPath();
    const first = await sandboxClient({ statePath });
    const [a, b] = await first.seed('contacts', { email: 'a@example.com' }, { email: 'b@example.com' });
    await first.control('POST', '/merge', { object: 'contacts', winner: a, loser: b });
    await first.close();
    const again = await sandboxClient({ statePath });
    const found = await again.batch('contacts read', [{ id: 'b@example.com' }], { idProperty: 'email' });
    expect(resultIds(found)).toEqual([a]);
    expect((await again.call('GET', `/crm/v3/objects/contacts/${b}`)).body).toMatchObject({ id: a });
    const made = batchBody(await again.batch('contacts create', [{ properties: { email: 'c@example.com' } }]));
    expect(Number(made.results[0]?.id)).toBeGreaterThan(Number(b));
    const taken = await again.batch('contacts create', [{ properties: { email: 'a@example.com' } }]);
    expect(taken.status).toBe(409);
  });

  test('has a portal id of its own: eight digits, drawn with the file', async () => {
    const statePath = newPath();
    const [one, two] = [await sandboxClient({ statePath }), await sandboxClient({ statePath: newPath() })];
    expect(String(one.portalId)).toMatch(/^\d{8}$/);
    expect(two.portalId).not.toBe(one.portalId);
    await one.close();
    expect(await codeOf(startSandbox({ statePath, portalId: 1 }))).toBe('DESTINATION_PORTAL');
    expect((await sandboxClient({ statePath, portalId: one.portalId })).portalId).toBe(one.portalId);
  });

  test('takes a new token for an old account', async () => {
    const statePath = newPath();
    await (await sandboxClient({ statePath })).close();
    const again = await sandboxClient({ statePath, token: 'mine' });
    expect((await again.call('GET', '/account-info/v3/details')).status).toBe(200);
    await again.close();
    expect((await sandboxClient({ statePath })).token).toBe('mine');
  });

  test('starts over in the file too', async () => {
    const statePath = newPath();
    const first = await sandboxClient({ statePath });
    await first.seed('contacts', { email: 'a@example.com' });
    await first.control('POST', '/reset');
    await first.seed('contacts', { email: 'b@example.com' });
    await first.close();
    const again = await sandboxClient({ statePath });
    expect(await again.control('GET', '/records?object=contacts')).toMatchObject({
      total: 1,
      records: [{ properties: { email: 'b@example.com' } }],
    });
  });

  test('passes over half a line at the end, and goes on behind it', async () => {
    const statePath = newPath();
    const first = await sandboxClient({ statePath });
    await first.seed('contacts', { email: 'a@example.com' });
    await first.close();
    const whole = readFileSync(statePath, 'utf8');
    writeFileSync(statePath, `${whole}{"kind":"record","obj`);
    const again = await sandboxClient({ statePath });
    await again.seed('contacts', { email: 'b@example.com' });
    await again.close();
    const last = await sandboxClient({ statePath });
    expect(await last.control('GET', '/records?object=contacts')).toMatchObject({ total: 2 });
  });

  test('is refused if the file is something else, broken, or newer', async () => {
    for (const [text, code] of [
      ['{"a": 1}\n', 'STATE_SANDBOX_FILE'],
      ['lead_id,score\n1,2\n', 'STATE_SANDBOX_FILE'],
      ['no line end', 'STATE_SANDBOX_FILE'],
      ['{"format":"scoreline-sandbox","version":1}\nnonsense\n', 'STATE_SANDBOX_FILE'],
      [
        '{"format":"scoreline-sandbox","version":1}\n{"kind":"record_archived","object":"0-1","id":"1","at":0}\n',
        'STATE_SANDBOX_FILE',
      ],
      ['{"format":"scoreline-sandbox","version":2}\n', 'STATE_VERSION'],
    ] as const) {
      const path = join(mkdtempSync(join(tmpdir(), 'scoreline-sandbox-')), 'file');
      writeFileSync(path, text);
      expect({ text, code: await codeOf(startSandbox({ statePath: path })) }).toEqual({ text, code });
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(existsSync(`${path}.lock`)).toBe(false);
      rmSync(join(path, '..'), { recursive: true });
    }
  });

  test('belongs to one sandbox at a time', async () => {
    const statePath = newPath();
    const first = await sandboxClient({ statePath });
    await expect(startSandbox({ statePath })).rejects.toMatchObject({
      code: 'RUN_BUSY',
      exitCode: 8,
      message: expect.stringContaining(`Process ${process.pid}`),
    });
    await first.close();
    await sandboxClient({ statePath });
  });
});

describe('a port', () => {
  test('in use is an error that names it and the way out, and frees the file', async () => {
    const { port } = await sandboxClient();
    const statePath = newPath();
    await expect(startSandbox({ port, statePath })).rejects.toMatchObject({
      code: 'RUN_BUSY',
      exitCode: 8,
      message: `Port ${port} on 127.0.0.1 is in use.`,
      hint: expect.stringContaining('--port 0'),
    });
    await sandboxClient({ statePath });
  });

  test('is free again after closing, which may be done twice', async () => {
    const first = await sandboxClient();
    await first.call('GET', '/account-info/v3/details');
    await Promise.all([first.close(), first.close()]);
    await expect(first.call('GET', '/account-info/v3/details')).rejects.toThrow('fetch failed');
    await sandboxClient({ port: first.port });
  });
});

test('a killed process loses nothing that it had answered', async () => {
  const statePath = newPath();
  const module = new URL('../../src/sandbox/start-sandbox.ts', import.meta.url).href;
  const script = `const { startSandbox } = await import(${JSON.stringify(module)});
    const { url, token } = await startSandbox({ statePath: ${JSON.stringify(statePath)} });
    process.stdout.write(JSON.stringify({ url, token }) + '\\n');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  const emails = Array.from({ length: 50 }, (_, n) => `p${n}@example.com`);
  for (const email of emails) {
    const answer = await fetch(`${url}/crm/v3/objects/contacts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ properties: { email } }),
    });
    expect(answer.status).toBe(201);
    await answer.text();
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  const again = await sandboxClient({ statePath });
  expect(await again.control('GET', '/records?object=contacts')).toMatchObject({ total: 50 });
});
