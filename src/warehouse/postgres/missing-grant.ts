/**
 * The statement that gives a role what it lacked, to be run by the owner or an administrator.
 * @param message as PostgreSQL has it: `permission denied for table logins`
 * @param text of the statement that was refused: it says in which schema the table lies
 */
export function missingGrant(message: string, text: string, role: string): string {
  const [, kind = '', name = ''] = /^permission denied for (\w+(?: \w+)?) (.+)$/.exec(message) ?? [];
  const to = `to ${quoted(role)};`;
  const database = /^permission denied to create temporary tables in database "(.+)"$/.exec(message)?.[1];
  if (database !== undefined)
    return `Let an administrator run: grant temporary on database ${quoted(database)} ${to} (\`scoreline grants\` prints all that is needed.)`;
  switch (kind) {
    case 'schema':
      return `Let its owner run: grant usage on schema ${quoted(name)} ${to} Of the schemas that Scoreline writes to, the role must be the owner: alter schema ${quoted(name)} owner ${to}`;
    case 'database':
      return `Let an administrator make the schemas: create schema … authorization ${quoted(role)}; or run: grant create on database ${quoted(name)} ${to}`;
    case 'table':
    case 'view':
    case 'materialized view':
    case 'foreign table': {
      const relation = relationIn(text, name);
      return `Let its owner run: grant select on ${relation} ${to}`;
    }
    default:
      return /^must be owner of/.test(message)
        ? `Somebody else made it: let an administrator run: alter table … owner ${to}`
        : `Let an administrator give the role ${quoted(role)} what it needs.`;
  }
}

/** The statement that lets a role into a database; null where that is not what the server complains about. */
export function missingConnect(message: string, role: string): string | null {
  const database = /^permission denied for database "(.+)"$/.exec(message)?.[1];
  if (database === undefined) return null;
  return `Let an administrator run what \`scoreline grants\` prints, which begins with: grant connect on database ${quoted(database)} to ${quoted(role)};`;
}

/** With its schema, as the statement names it. */
function relationIn(text: string, name: string): string {
  const escaped = quoted(name).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const schema = new RegExp(`("(?:[^"]|"")+")\\.${escaped}`).exec(text)?.[1];
  return schema === undefined ? quoted(name) : `${schema}.${quoted(name)}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
