import type { ObjectType } from '../account/object-type.ts';
import type { PropertyGroup } from '../account/property-definition.ts';
import { type ApiRequest, objectBody, objectTypeOf, requiredText } from './api-request.ts';
import { errorReply, notFound, Refusal, type Reply, reply } from './reply.ts';

export function listGroups(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  return reply(200, { results: [...type.groups.values()].map(renderGroup) });
}

export function readGroup(request: ApiRequest): Reply {
  return reply(200, renderGroup(named(request, objectTypeOf(request))));
}

export function createGroup(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const body = objectBody(request);
  const name = requiredText(body, 'name');
  if (type.groups.has(name)) {
    return errorReply(409, {
      message: `A property group named '${name}' already exists.`,
      category: 'OBJECT_ALREADY_EXISTS',
      subCategory: 'PropertyGroupError.GROUP_ALREADY_EXISTS',
    });
  }
  const group = { name, label: requiredText(body, 'label'), displayOrder: order(body.displayOrder, -1) };
  request.account.apply({ kind: 'group', object: type.names.id, group });
  return reply(201, renderGroup(group));
}

export function updateGroup(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const before = named(request, type);
  const body = objectBody(request);
  const label = body.label === undefined ? before.label : requiredText(body, 'label');
  const group = { ...before, label, displayOrder: order(body.displayOrder, before.displayOrder) };
  request.account.apply({ kind: 'group', object: type.names.id, group });
  return reply(200, renderGroup(group));
}

/** A group that still has properties stays; the message of that refusal is itself JSON text. */
export function deleteGroup(request: ApiRequest): Reply {
  const type = objectTypeOf(request);
  const { name } = named(request, type);
  const used = [...type.properties.values()].some((property) => property.groupName === name);
  if (used) {
    const subCategory = 'PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES';
    const message = JSON.stringify({ message: `Group ${name} has active properties`, subCategory, name });
    return errorReply(400, { message, category: 'VALIDATION_ERROR', subCategory });
  }
  request.account.apply({ kind: 'group_removed', object: type.names.id, name });
  return { status: 204 };
}

function named(request: ApiRequest, type: ObjectType): PropertyGroup {
  const name = request.params.groupName ?? '';
  const group = type.groups.get(name);
  if (group === undefined) throw new Refusal(notFound(`Property group with name "${name}" not found`));
  return group;
}

function order(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function renderGroup(group: PropertyGroup): Readonly<Record<string, unknown>> {
  return { ...group, archived: false };
}
