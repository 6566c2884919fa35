import { html } from 'hono/html';
import type { CrmRecord } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import type { PropertyDefinition } from '../account/property-definition.ts';
import type { SandboxCore } from '../sandbox-core.ts';
import { capitalised, count, type Html, layout, localMinute, valueOrDash } from './layout.ts';
import { linkTo, offsetOf, type PageOfRows, pager, rowsPerPage } from './pager.ts';

/** What tells one record from another, by type. */
const namingProperties: Readonly<Record<string, readonly string[]>> = {
  contacts: ['email', 'firstname', 'lastname'],
  companies: ['name', 'domain'],
  deals: ['dealname', 'amount', 'dealstage'],
};
const maxOwnColumns = 5;

export function recordsPage(core: SandboxCore, type: ObjectType, query: Readonly<Record<string, string>>): Html {
  const { name } = type.names;
  const path = `/objects/${name}`;
  const columns = columnsOf(type);
  const { q = '', sort = '' } = query;
  const page = pageOf(type, columns, q.trim().toLowerCase(), sort, offsetOf(query));
  const heading = (property: PropertyDefinition) => {
    const next = sort === `-${property.name}` ? property.name : `-${property.name}`;
    const arrow = sort === property.name ? ' ↑' : sort === `-${property.name}` ? ' ↓' : '';
    return html`<th${property.type === 'number' ? html` class="number"` : ''}><a href="${linkTo(path, { q, sort: next })}">${property.label}${arrow}</a></th>`;
  };
  return layout(
    core,
    { title: capitalised(name), here: path },
    html`<h1>${capitalised(name)}</h1>
<p class="lead">${count(type.records.size)} records${type.records.archivedSize > 0 ? `, ${count(type.records.archivedSize)} deleted` : ''} · <a href="${path}/properties">${count(type.properties.size)} properties</a></p>
<form class="bar" method="get">
<input type="search" name="q" value="${q}" placeholder="Search ${name}, or a record id" aria-label="Search ${name}">
${sort === '' ? '' : html`<input type="hidden" name="sort" value="${sort}">`}
<button type="submit">Search</button>${q === '' ? '' : html`<a href="${path}">Clear</a>`}
</form>
${
  page.rows.length === 0
    ? html`<div class="card"><div class="empty">${q === '' ? `No ${name} yet.` : `Nothing found for “${q}”.`}</div></div>`
    : html`<div class="card"><table>
<thead><tr><th>Record</th>${columns.map(heading)}<th>Last change</th><th class="number">Writes</th></tr></thead>
<tbody>${page.rows.map((record) => recordRow(core, type, columns, record))}</tbody>
</table></div>`
}
${pager(page, (offset) => linkTo(path, { q, sort, offset }))}`,
  );
}

function recordRow(
  core: SandboxCore,
  type: ObjectType,
  columns: readonly PropertyDefinition[],
  record: CrmRecord,
): Html {
  return html`<tr>
<td><a class="mono" href="/objects/${type.names.name}/records/${record.id}">${record.id}</a></td>
${columns.map((property) => html`<td class="${property.type === 'number' ? 'number' : 'clip'}">${valueOrDash(type.valueOf(record, property.name))}</td>`)}
<td class="nowrap sub">${localMinute(core, record.updatedAt)}</td><td class="number">${record.writeCount}</td>
</tr>`;
}

/** The naming ones, then those that the account made, the short ones first. */
function columnsOf(type: ObjectType): readonly PropertyDefinition[] {
  const naming = (namingProperties[type.names.name] ?? []).map((name) => type.properties.get(name));
  const own = [...type.properties.values()].filter((property) => !property.hubspotDefined && !property.hidden);
  const short = own.filter((property) => property.type !== 'string');
  const long = own.filter((property) => property.type === 'string');
  return [...naming.filter((property) => property !== undefined), ...[...short, ...long].slice(0, maxOwnColumns)];
}

function pageOf(
  type: ObjectType,
  columns: readonly PropertyDefinition[],
  q: string,
  sort: string,
  offset: number,
): PageOfRows<CrmRecord> {
  const property = type.properties.get(sort.replace(/^-/, ''));
  if (q === '' && property === undefined)
    return { rows: slice(type.records.page(undefined), offset), offset, total: type.records.size };
  const found: CrmRecord[] = [];
  for (const record of type.records.page(undefined)) {
    if (
      q === '' ||
      record.id === q ||
      columns.some(({ name }) => type.valueOf(record, name)?.toLowerCase().includes(q))
    )
      found.push(record);
  }
  if (property !== undefined) sortBy(found, type, property, sort.startsWith('-'));
  return { rows: found.slice(offset, offset + rowsPerPage), offset, total: found.length };
}

/** Records without a value come last, whichever way. */
function sortBy(records: CrmRecord[], type: ObjectType, property: PropertyDefinition, descending: boolean): void {
  const keys = new Map(records.map((record) => [record, type.valueOf(record, property.name)]));
  const compare =
    property.type === 'number'
      ? (a: string, b: string) => Number(a) - Number(b)
      : (a: string, b: string) => a.localeCompare(b);
  records.sort((a, b) => {
    const [left, right] = [keys.get(a) ?? null, keys.get(b) ?? null];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return descending ? compare(right, left) : compare(left, right);
  });
}

function slice(records: Iterable<CrmRecord>, offset: number): readonly CrmRecord[] {
  const rows: CrmRecord[] = [];
  let position = 0;
  for (const record of records) {
    if (position >= offset) rows.push(record);
    if (rows.length === rowsPerPage) break;
    position += 1;
  }
  return rows;
}
