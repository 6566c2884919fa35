import type { StatementOptions } from '../port.ts';
import { plain, type Session } from './session.ts';

/** A table or view by its schema, its name, and both quoted. */
export interface NamedRelation {
  readonly schema: string;
  readonly name: string;
  readonly quoted: string;
}

interface ColumnOf {
  readonly name: string;
  readonly type: string;
}

/**
 * Puts the rows and columns of one table into another and drops the first; in a transaction. Readers see the old rows or
 * the new ones, and nobody waits: rows are deleted and inserted, and what others see of them is decided by their snapshots.
 * The table stays the same one, with its grants, its indexes and the views on it, which a renamed table would leave behind.
 * What was deleted takes up space until VACUUM comes by, which it does by itself.
 *
 * Columns are added, dropped and given other types in place, for which the table is locked until the transaction ends. A
 * column that a view of somebody else reads can be neither dropped nor given another type: that is refused.
 */
export async function moveRows(
  session: Session,
  from: NamedRelation,
  to: NamedRelation,
  options: StatementOptions | undefined,
): Promise<void> {
  const run = (text: string) => session.run(plain(text), options);
  const wanted = await columnsOf(session, from, options);
  const there = new Map((await columnsOf(session, to, options)).map(({ name, type }) => [name, type]));
  await run(`delete from ${to.quoted}`);
  const changes = [
    ...[...there.keys()]
      .filter((name) => !wanted.some((column) => column.name === name))
      .map((name) => `drop column ${quotedName(name)}`),
    ...wanted.flatMap(({ name, type }) => {
      const column = quotedName(name);
      if (!there.has(name)) return [`add column ${column} ${type}`];
      return there.get(name) === type ? [] : [`alter column ${column} type ${type} using cast(null as ${type})`];
    }),
  ];
  if (changes.length > 0) await run(`alter table ${to.quoted} ${changes.join(', ')}`);
  const names = wanted.map(({ name }) => quotedName(name)).join(', ');
  await run(`insert into ${to.quoted} (${names}) select ${names} from ${from.quoted}`);
  await run(`drop table ${from.quoted}`);
  await run(`analyze ${to.quoted}`);
}

async function columnsOf(
  session: Session,
  { quoted }: NamedRelation,
  options: StatementOptions | undefined,
): Promise<readonly ColumnOf[]> {
  const { rows } = await session.run(
    {
      text: `select attname, format_type(atttypid, atttypmod) from pg_catalog.pg_attribute
where attrelid = cast($1 as regclass) and attnum > 0 and not attisdropped order by attnum`,
      binds: [{ type: { kind: 'text' }, value: quoted }],
    },
    options,
  );
  return rows.map(([name, type]) => ({ name: name ?? '', type: type ?? '' }));
}

/** Statements that give a relation the grants that another one of its name had; to be read before that one goes. */
export async function grantsOf(
  session: Session,
  { schema, name, quoted }: NamedRelation,
  options: StatementOptions | undefined,
): Promise<readonly string[]> {
  const { rows } = await session.run(
    {
      text: `select g.privilege_type, case g.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end,
  g.is_grantable
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) g
where n.nspname = $1 and c.relname = $2 and g.grantee <> c.relowner`,
      binds: [schema, name].map((value) => ({ type: { kind: 'text' }, value }) as const),
    },
    options,
  );
  return rows.map(
    ([privilege, grantee, grantable]) =>
      `grant ${privilege} on ${quoted} to ${grantee}${grantable === 't' ? ' with grant option' : ''}`,
  );
}

/** What DROP calls what stands under a name; null for nothing. */
export async function kindOf(
  session: Session,
  { schema, name }: Pick<NamedRelation, 'schema' | 'name'>,
  options: StatementOptions | undefined,
): Promise<RelationKind | null> {
  const { rows } = await session.run(
    {
      text: `select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'f', 'v', 'm')`,
      binds: [schema, name].map((value) => ({ type: { kind: 'text' }, value }) as const),
    },
    options,
  );
  return (rows[0]?.[0] as RelationKind | undefined) ?? null;
}

export type RelationKind = 'table' | 'foreign table' | 'view' | 'materialized view';

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
