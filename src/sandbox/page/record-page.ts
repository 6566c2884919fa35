import { html } from 'hono/html';
import type { CrmRecord } from '../account/crm-record.ts';
import type { ObjectType } from '../account/object-type.ts';
import type { PropertyDefinition } from '../account/property-definition.ts';
import { history } from '../api/render-record.ts';
import type { SandboxCore } from '../sandbox-core.ts';
import { capitalised, type Html, layout, localTime } from './layout.ts';

export function recordPage(core: SandboxCore, type: ObjectType, record: CrmRecord): Html {
  const { name, singular } = type.names;
  const lists = core.account.lists
    .filter(({ definition }) => definition.objectTypeId === type.names.id)
    .filter((list) => list.has(record.id));
  return layout(
    core,
    { title: titleOf(type, record), here: `/objects/${name}` },
    html`<div class="crumbs"><a href="/objects/${name}">${capitalised(name)}</a> / ${record.id}</div>
<h1>${titleOf(type, record)}</h1>
<p class="lead">${capitalised(singular)} ${record.id}${record.archivedAt === undefined ? '' : html` · <span class="pill bad">deleted ${localTime(core, record.archivedAt)}</span>`}</p>
<div class="card"><dl>
<dt>Created</dt><dd>${localTime(core, record.createdAt)}</dd>
<dt>Last change</dt><dd>${localTime(core, record.updatedAt)}</dd>
<dt>API writes</dt><dd>${record.writeCount}, of which ${record.changeCount} changed something</dd>
<dt>Lists</dt><dd>${lists.length === 0 ? 'none' : lists.map(({ definition }, index) => html`${index > 0 ? ', ' : ''}<a href="/lists/${definition.listId}">${definition.name}</a>`)}</dd>
${record.mergedIds.length === 0 ? '' : html`<dt>Merged into it</dt><dd class="mono">${record.mergedIds.join(', ')}</dd>`}
</dl></div>
${groupsOf(type, record).map(
  ([label, properties]) => html`<h2>${label}</h2>
<div class="card"><table><tbody>${properties.map((property) => propertyRow(core, type, record, property))}</tbody></table></div>`,
)}`,
  );
}

function propertyRow(core: SandboxCore, type: ObjectType, record: CrmRecord, property: PropertyDefinition): Html {
  const entries = history(record, property.name);
  const times = entries.length === 1 ? '1 entry' : `${entries.length} entries`;
  return html`<tr>
<td class="name">${property.label}<div class="sub mono">${property.name}</div></td>
<td class="value">${type.valueOf(record, property.name) ?? ''}</td>
<td class="nowrap">${
    entries.length === 0
      ? ''
      : html`<details><summary>${times}</summary><ol>${entries.map(
          ({ value, timestamp, sourceType }) =>
            html`<li>${localTime(core, Date.parse(timestamp))} · ${value === '' ? html`<em>cleared</em>` : value} · ${sourceType.toLowerCase()}</li>`,
        )}</ol></details>`
  }</td>
</tr>`;
}

/** Groups with a value in them, the account's own ones first. */
function groupsOf(type: ObjectType, record: CrmRecord): readonly (readonly [string, readonly PropertyDefinition[]])[] {
  const groups = new Map<string, PropertyDefinition[]>();
  const known = [...type.properties.values()];
  const shown = known.filter(
    (property) => type.valueOf(record, property.name) !== null || record.values[property.name] === '',
  );
  const ordered = [
    ...shown.filter((property) => !property.hubspotDefined),
    ...shown.filter((property) => property.hubspotDefined),
  ];
  for (const property of ordered) {
    const group = groups.get(property.groupName);
    if (group === undefined) groups.set(property.groupName, [property]);
    else group.push(property);
  }
  return [...groups].map(([name, properties]) => [type.groups.get(name)?.label ?? name, properties] as const);
}

function titleOf(type: ObjectType, record: CrmRecord): string {
  const value = (name: string) => type.valueOf(record, name);
  const person = [value('firstname'), value('lastname')].filter(Boolean).join(' ');
  const title = type.names.name === 'contacts' ? person || value('email') : (value('name') ?? value('dealname'));
  return title || `${capitalised(type.names.singular)} ${record.id}`;
}
