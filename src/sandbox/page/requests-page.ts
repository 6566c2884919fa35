import { html } from 'hono/html';
import type { SandboxCore } from '../sandbox-core.ts';
import type { LoggedRequest } from '../traffic/request-log.ts';
import { count, type Html, layout, localTime } from './layout.ts';
import { linkTo, offsetOf, pager, rowsPerPage } from './pager.ts';

export function requestsPage(core: SandboxCore, query: Readonly<Record<string, string>>): Html {
  const { status = '', path = '' } = query;
  const matching = core.log.find({
    ...(status !== '' && { status: Number(status) }),
    ...(path !== '' && { path: { test: (text: string) => text.includes(path) } }),
  });
  const offset = offsetOf(query);
  const rows = matching.slice(offset, offset + rowsPerPage);
  const statuses = Object.entries(core.log.countsByStatus);
  return layout(
    core,
    { title: 'Requests', here: '/requests' },
    html`<h1>Requests</h1>
<p class="lead">${count(core.log.total)} to HubSpot’s endpoints since the start; the last ${count(core.settings.log.size)} are kept. Newest first.</p>
<form class="bar" method="get">
<input type="search" name="path" value="${path}" placeholder="Part of a path" aria-label="Part of a path">
<select name="status" aria-label="Status"><option value="">Every status</option>
${statuses.map(([code, number]) => html`<option value="${code}"${code === status ? html` selected` : ''}>${code === '0' ? 'dropped' : code} (${count(number)})</option>`)}
</select>
<button type="submit">Show</button>
</form>
${requestTable(core, rows)}
${pager({ rows, offset, total: matching.length }, (to) => linkTo('/requests', { status, path, offset: to }))}`,
  );
}

export function requestTable(core: SandboxCore, requests: readonly LoggedRequest[]): Html {
  if (requests.length === 0) return html`<div class="card"><div class="empty">No requests.</div></div>`;
  return html`<div class="card"><table>
<thead><tr><th class="number">#</th><th>Time</th><th>Method</th><th>Path</th><th class="number">Inputs</th><th>Status</th><th class="number">ms</th><th>Correlation id</th></tr></thead>
<tbody>${requests.map((request) => requestRow(core, request))}</tbody>
</table></div>`;
}

function requestRow(core: SandboxCore, request: LoggedRequest): Html {
  const { sequence, at, method, path, inputs, status, ms, correlationId, fault } = request;
  return html`<tr>
<td class="number sub">${sequence}</td>
<td class="nowrap">${localTime(core, Date.parse(at))}</td>
<td>${method}</td>
<td class="value"><span class="mono">${path}</span>${bodies(request)}</td>
<td class="number">${inputs ?? ''}</td>
<td class="nowrap"><span class="pill ${tone(status)}">${status === 0 ? 'dropped' : status}</span>${fault === undefined ? '' : html` <span class="sub">${fault}</span>`}</td>
<td class="number">${ms.toFixed(1)}</td>
<td class="mono sub">${correlationId}</td>
</tr>`;
}

function bodies({ requestBody, responseBody }: LoggedRequest): Html {
  if (requestBody === undefined) return html``;
  return html`<details><summary>Bodies</summary><pre>${requestBody}</pre><pre>${responseBody ?? ''}</pre></details>`;
}

function tone(status: number): string {
  if (status === 0 || status >= 500) return 'bad';
  if (status >= 400) return 'warn';
  return status === 207 ? 'own' : 'good';
}
