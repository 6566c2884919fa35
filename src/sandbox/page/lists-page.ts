import { html } from 'hono/html';
import type { CrmList } from '../account/crm-list.ts';
import type { SandboxCore } from '../sandbox-core.ts';
import { count, type Html, layout, localTime } from './layout.ts';
import { linkTo, offsetOf, pager, rowsPerPage } from './pager.ts';

export function listsPage(core: SandboxCore): Html {
  const { lists } = core.account;
  return layout(
    core,
    { title: 'Lists', here: '/lists' },
    html`<h1>Lists</h1>
<p class="lead">HubSpot’s own pages call them segments.</p>
<div class="card">${
      lists.length === 0
        ? html`<div class="empty">No lists yet.</div>`
        : html`<table>
<thead><tr><th>List</th><th>Of</th><th>Kind</th><th class="number">Members</th><th>Created</th></tr></thead>
<tbody>${lists.map((list) => listRow(core, list))}</tbody></table>`
    }</div>`,
  );
}

function listRow(core: SandboxCore, { definition, size }: CrmList): Html {
  const { listId, name, objectTypeId, processingType, createdAt } = definition;
  return html`<tr>
<td><a href="/lists/${listId}">${name}</a><div class="sub mono">${listId}</div></td>
<td>${core.account.findType(objectTypeId)?.names.name ?? objectTypeId}</td>
<td><span class="pill">${processingType.toLowerCase()}</span></td>
<td class="number">${count(size)}</td>
<td class="nowrap sub">${localTime(core, createdAt)}</td></tr>`;
}

export function listPage(core: SandboxCore, list: CrmList, query: Readonly<Record<string, string>>): Html {
  const { listId, name, objectTypeId, processingType } = list.definition;
  const type = core.account.findType(objectTypeId);
  const offset = offsetOf(query);
  const rows = list.inJoinOrder().slice(offset, offset + rowsPerPage);
  const labels = type?.names.name === 'contacts' ? ['email', 'firstname', 'lastname'] : ['name', 'domain'];
  const columns = labels.filter((property) => type?.properties.has(property));
  return layout(
    core,
    { title: name, here: '/lists' },
    html`<div class="crumbs"><a href="/lists">Lists</a> / ${listId}</div>
<h1>${name}</h1>
<p class="lead">${count(list.size)} members · ${type?.names.name ?? objectTypeId} · <span class="pill">${processingType.toLowerCase()}</span></p>
<div class="card">${
      rows.length === 0
        ? html`<div class="empty">No members.</div>`
        : html`<table>
<thead><tr><th>Record</th>${columns.map((property) => html`<th>${type?.properties.get(property)?.label ?? property}</th>`)}<th>Joined</th></tr></thead>
<tbody>${rows.map((id) => {
            const record = type?.records.get(id);
            return html`<tr><td><a class="mono" href="/objects/${type?.names.name ?? ''}/records/${id}">${id}</a></td>
${columns.map((property) => html`<td class="clip">${record === undefined ? '' : (type?.valueOf(record, property) ?? '')}</td>`)}
<td class="nowrap sub">${localTime(core, list.joinedAt(id) ?? 0)}</td></tr>`;
          })}</tbody></table>`
    }</div>
${pager({ rows, offset, total: list.size }, (to) => linkTo(`/lists/${listId}`, { offset: to }))}`,
  );
}
