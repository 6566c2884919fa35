import { html } from 'hono/html';
import type { ObjectType } from '../account/object-type.ts';
import type { PropertyDefinition } from '../account/property-definition.ts';
import type { SandboxCore } from '../sandbox-core.ts';
import { capitalised, type Html, layout } from './layout.ts';

export function propertiesPage(core: SandboxCore, type: ObjectType): Html {
  const { name } = type.names;
  const all = [...type.properties.values()];
  const own = all.filter((property) => !property.hubspotDefined);
  const standard = all.filter((property) => property.hubspotDefined);
  return layout(
    core,
    { title: `Properties of ${name}`, here: `/objects/${name}` },
    html`<div class="crumbs"><a href="/objects/${name}">${capitalised(name)}</a> / Properties</div>
<h1>Properties of ${name}</h1>
<p class="lead">${own.length} made in this account, ${standard.length} defined by HubSpot.</p>
<h2>Made in this account</h2>
${propertyTable(type, own, true)}
<h2>Defined by HubSpot</h2>
${propertyTable(type, standard, false)}`,
  );
}

function propertyTable(type: ObjectType, properties: readonly PropertyDefinition[], withDescription: boolean): Html {
  if (properties.length === 0) return html`<div class="card"><div class="empty">None yet.</div></div>`;
  return html`<div class="card"><table>
<thead><tr><th>Property</th><th>Type</th><th>Group</th><th>Options</th>${withDescription ? html`<th>Description</th>` : ''}</tr></thead>
<tbody>${properties.map(
    (property) => html`<tr>
<td class="nowrap">${property.label}<div class="sub mono">${property.name}</div></td>
<td class="nowrap">${property.type} ${flags(property)}<div class="sub">${property.fieldType}</div></td>
<td class="nowrap">${type.groups.get(property.groupName)?.label ?? property.groupName}</td>
<td class="value">${property.options.map((option) => option.label).join(', ')}</td>
${withDescription ? html`<td class="value">${property.description}</td>` : ''}
</tr>`,
  )}</tbody>
</table></div>`;
}

function flags({ hasUniqueValue, readOnlyValue, calculated }: PropertyDefinition): Html {
  const words = [hasUniqueValue && 'unique', calculated ? 'calculated' : readOnlyValue && 'read only'].filter(Boolean);
  return html`${words.map((word) => html`<span class="pill own">${word}</span> `)}`;
}
