import { html } from 'hono/html';
import type { SandboxCore } from '../sandbox-core.ts';
import { capitalised, count, type Html, layout } from './layout.ts';
import { requestTable } from './requests-page.ts';

const requestsShown = 8;

/** @param url where this sandbox is reached */
export function overviewPage(core: SandboxCore, url: string): Html {
  const { account, settings, log, limits, faults } = core;
  const now = core.now();
  const callsToday = limits.callsToday(now);
  const { identity } = account;
  const recent = log.find({}).slice(0, requestsShown);
  return layout(
    core,
    { title: 'Overview', here: '/' },
    html`<h1>A local HubSpot account</h1>
<p class="lead">Everything here was made up or written by a program on this machine. Nothing of it reaches HubSpot.</p>
<div class="tiles">
${account.types.map(
  ({ names, records, properties }) => html`<a class="tile" href="/objects/${names.name}">
<div class="figure">${count(records.size)}</div><div class="what">${capitalised(names.name)}</div>
<div class="note">${count([...properties.values()].filter((property) => !property.hubspotDefined).length)} custom properties</div></a>`,
)}
<a class="tile" href="/lists"><div class="figure">${count(account.lists.length)}</div><div class="what">Lists</div>
<div class="note">${count(account.lists.reduce((sum, list) => sum + list.size, 0))} members</div></a>
<a class="tile" href="/requests"><div class="figure">${count(log.total)}</div><div class="what">Requests</div>
<div class="note">${statusNote(log.countsByStatus)}</div></a>
</div>
<h2>Account</h2>
<div class="card"><dl>
<dt>Address</dt><dd><code>HUBSPOT_BASE_URL=${url}</code></dd>
<dt>Portal</dt><dd>${identity.portalId}</dd>
<dt>Account type</dt><dd>${identity.accountType}</dd>
<dt>Time zone</dt><dd>${identity.timeZone}</dd>
<dt>Calls today</dt><dd>${count(callsToday)} of ${settings.limits.perDay === null ? 'any number' : count(settings.limits.perDay)}</dd>
<dt>Burst</dt><dd>${settings.limits.burstPer10s === null ? 'no limit' : `${count(settings.limits.burstPer10s)} requests in 10 s`}, ${settings.limits.searchPerSecond === null ? 'searches without limit' : `${count(settings.limits.searchPerSecond)} searches a second`}</dd>
<dt>Faults in force</dt><dd>${faults.faults.length === 0 ? 'none' : faults.faults.map(({ id, effect, struck }) => `${id} (${effect.kind}, ${struck} × so far)`).join(', ')}</dd>
<dt>Kept in</dt><dd>${core.stateFile === undefined ? 'memory only: it is gone when the sandbox ends' : html`<code>${core.stateFile.path}</code>`}</dd>
</dl></div>
<h2>Latest requests</h2>
${requestTable(core, recent)}`,
  );
}

function statusNote(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts);
  if (entries.length === 0) return 'none yet';
  return entries.map(([status, number]) => `${count(number)} × ${status === '0' ? 'dropped' : status}`).join(', ');
}
