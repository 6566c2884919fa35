import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Account } from '../../../src/sandbox/account/account.ts';
import type { Change } from '../../../src/sandbox/account/change.ts';
import { emailKeys } from '../../../src/sandbox/account/unique-index.ts';
import { snapshotOf } from '../../../src/sandbox/file/snapshot.ts';

const identity = { portalId: 1, accountType: 'SANDBOX', timeZone: 'UTC', uiDomain: 'app.hubspot.com', token: 't' };
const contacts = '0-1';
const addresses = ['', 'a@x.io', 'b@x.io', 'c@x.io', 'd@x.io', 'e@x.io'] as const;

const step = fc.record({
  kind: fc.constantFrom('create', 'write', 'archive', 'merge', 'join', 'leave'),
  pick: fc.nat(20),
  other: fc.nat(20),
  email: fc.constantFrom(...addresses),
  additional: fc.constantFrom(...addresses),
  waitMs: fc.nat(3),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does what the endpoints would let through: an address that another contact has is refused. */
function play(account: Account, steps: readonly Step[]): void {
  const type = account.findType('contacts');
  if (type === undefined) throw new Error('no contacts');
  account.apply({
    kind: 'list',
    list: {
      listId: '1',
      name: 'L',
      objectTypeId: contacts,
      processingType: 'MANUAL',
      listVersion: 1,
      createdAt: 0,
      updatedAt: 0,
    },
  });
  let at = 1;
  for (const { kind, pick, other, email, additional, waitMs } of steps) {
    at += waitMs;
    const live = [...type.records.page(undefined)];
    const record = live[pick % (live.length || 1)];
    const second = live[other % (live.length || 1)];
    const values = { email, hs_additional_emails: additional };
    const isTaken = emailKeys(values).some((key) => {
      const holder = type.records.findByUnique('email', key);
      return holder !== undefined && (kind === 'create' || holder !== record);
    });
    if (kind === 'create') {
      if (isTaken) continue;
      const id = type.records.nextId();
      const writes = [{ at, source: 'API' as const, values }];
      account.apply({
        kind: 'record',
        object: contacts,
        record: { id, createdAt: at, updatedAt: at, writes, writeCount: 1, changeCount: 1 },
      });
    } else if (record === undefined || second === undefined) continue;
    else if (kind === 'write') {
      if (!isTaken)
        account.apply({
          kind: 'record_written',
          object: contacts,
          id: record.id,
          write: { at, source: 'API', values },
        });
    } else if (kind === 'archive') account.apply({ kind: 'record_archived', object: contacts, id: record.id, at });
    else if (kind === 'join') account.apply({ kind: 'members', listId: '1', add: [record.id], remove: [], at });
    else if (kind === 'leave') account.apply({ kind: 'members', listId: '1', add: [], remove: [record.id], at });
    else if (record !== second) {
      account.apply({ kind: 'records_merged', object: contacts, winner: record.id, loser: second.id, at });
    }
  }
}

function replayed(changes: Iterable<Change>): Account {
  const account = new Account(identity, 0);
  // As a file holds them.
  for (const change of changes) account.apply(JSON.parse(JSON.stringify(change)) as Change);
  return account;
}

const stateOf = (account: Account) => JSON.stringify([...snapshotOf(account)]);

describe('an account', () => {
  test('finds a contact by an address exactly if a live one has it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const account = new Account(identity, 0);
        play(account, steps);
        const records = account.findType('contacts')?.records;
        for (const address of addresses.slice(1)) {
          const holders = [...(records?.page(undefined) ?? [])].filter(({ values }) =>
            emailKeys(values).includes(address),
          );
          expect(holders.length).toBeLessThanOrEqual(1);
          expect(records?.findByUnique('email', address.toUpperCase())).toBe(holders[0]);
        }
      }),
    );
  });

  test('comes back from its changes, and from a snapshot', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const account = new Account(identity, 0);
        const changes: Change[] = [];
        account.onChange = (change) => changes.push(JSON.parse(JSON.stringify(change)) as Change);
        play(account, steps);
        expect(stateOf(replayed(changes))).toBe(stateOf(account));
        const fromSnapshot = replayed(snapshotOf(account));
        expect(stateOf(fromSnapshot)).toBe(stateOf(account));
        const [original, copy] = [account, fromSnapshot].map((each) => each.findType('contacts')?.records);
        expect(copy?.nextId()).toBe(original?.nextId());
        for (const address of addresses) {
          expect(copy?.findByUnique('email', address)?.id).toBe(original?.findByUnique('email', address)?.id);
        }
      }),
    );
  });

  test('keeps values under names that plain objects have already', () => {
    const account = new Account(identity, 0);
    const writes = [{ at: 1, source: 'API' as const, values: { email: 'a@x.io' } }];
    account.apply({ kind: 'record', object: contacts, record: { id: '10001', createdAt: 1, updatedAt: 1, writes } });
    const type = account.findType('contacts');
    const record = type?.records.get('10001');
    if (type === undefined || record === undefined) throw new Error('no record');
    for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty'])
      expect(type.valueOf(record, name)).toBeNull();
  });

  test('forgets old writes but the first and the latest', () => {
    const account = new Account(identity, 0);
    const write = (at: number) => ({ at, source: 'API' as const, values: { city: `Town ${at}` } });
    account.apply({
      kind: 'record',
      object: contacts,
      record: { id: '10001', createdAt: 1, updatedAt: 1, writes: [write(1)] },
    });
    for (let at = 2; at <= 300; at++)
      account.apply({ kind: 'record_written', object: contacts, id: '10001', write: write(at) });
    const record = account.findType('contacts')?.records.get('10001');
    expect(record?.writes).toHaveLength(100);
    expect(record?.writes[0]?.at).toBe(1);
    expect(record?.writes.at(-1)?.at).toBe(300);
    expect(record?.values.city).toBe('Town 300');
  });
});
