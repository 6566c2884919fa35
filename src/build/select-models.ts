import { didYouMean } from '../errors/did-you-mean.ts';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { OrderedModel } from './model-order.ts';

/**
 * Picks models as dbt does: `name`, `tag:growth`, `path:models/leads`, each with `+` in front for all that it is built
 * from and behind for all that is built from it. Several are added up; none means every model.
 * @param models in the order of building
 * @returns names in the order of building
 * @throws USAGE_INVALID naming every selector that matches nothing
 */
export function selectModels(
  models: ReadonlyMap<string, OrderedModel>,
  selectors: readonly string[],
): ReadonlySet<string> {
  if (selectors.length === 0) return new Set(models.keys());
  const selected = new Set<string>();
  const unknown: Unknown[] = [];
  for (const selector of selectors) {
    const { up, method, down } = parseSelector(selector);
    const found = matchingModels(models, method);
    if (found.length === 0) unknown.push(unknownSelector(models, method));
    for (const name of found) {
      selected.add(name);
      if (up) for (const other of upstreamOf(models, name)) selected.add(other);
      if (down) for (const other of downstreamOf(models, name)) selected.add(other);
    }
  }
  if (unknown.length > 0) {
    const message = unknown.map((each) => each.message).join(' ');
    throw new ScorelineError('USAGE_INVALID', message, { hint: unknown.map((each) => each.hint).join(' ') });
  }
  return new Set([...models.keys()].filter((name) => selected.has(name)));
}

/** Every model that the named one is built from, directly or not. */
export function upstreamOf(models: ReadonlyMap<string, OrderedModel>, name: string): ReadonlySet<string> {
  return reach(name, (each) => [...(models.get(each)?.dependencies ?? [])]);
}

/** Every model that is built from the named one, directly or not. */
export function downstreamOf(models: ReadonlyMap<string, OrderedModel>, name: string): ReadonlySet<string> {
  return reach(name, (each) =>
    [...models].flatMap(([other, { dependencies }]) => (dependencies.has(each) ? [other] : [])),
  );
}

function reach(start: string, next: (name: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...next(start)];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...next(name));
  }
  return found;
}

type Method =
  | { readonly kind: 'name' | 'tag'; readonly name: string }
  | { readonly kind: 'path'; readonly path: string };

function parseSelector(selector: string): { readonly up: boolean; readonly down: boolean; readonly method: Method } {
  const up = selector.startsWith('+');
  const down = selector.length > 1 && selector.endsWith('+');
  const text = selector.slice(up ? 1 : 0, down ? -1 : undefined);
  return { up, down, method: parseMethod(text) };
}

function parseMethod(text: string): Method {
  if (text.startsWith('tag:')) return { kind: 'tag', name: text.slice('tag:'.length) };
  if (!text.startsWith('path:')) return { kind: 'name', name: text };
  const path = text.slice('path:'.length).replaceAll('\\', '/').replace(/^\.\//, '').replace(/\/+$/, '');
  return { kind: 'path', path };
}

function matchingModels(models: ReadonlyMap<string, OrderedModel>, method: Method): readonly string[] {
  switch (method.kind) {
    case 'name':
      return models.has(method.name) ? [method.name] : [];
    case 'tag':
      return [...models].flatMap(([name, { model }]) => (model.tags.includes(method.name) ? [name] : []));
    case 'path':
      return [...models].flatMap(([name, { model }]) => {
        const files = model.kind === 'sql' ? [model.file.path, model.sql.path] : [model.file.path];
        return files.some((file) => file === method.path || file.startsWith(`${method.path}/`)) ? [name] : [];
      });
    default:
      return method satisfies never;
  }
}

interface Unknown {
  readonly message: string;
  readonly hint: string;
}

function unknownSelector(models: ReadonlyMap<string, OrderedModel>, method: Method): Unknown {
  switch (method.kind) {
    case 'name':
      return { message: `There is no model \`${method.name}\`.`, hint: didYouMean(method.name, [...models.keys()]) };
    case 'tag': {
      const tags = new Set([...models.values()].flatMap(({ model }) => model.tags));
      return { message: `No model has the tag \`${method.name}\`.`, hint: didYouMean(method.name, [...tags]) };
    }
    case 'path': {
      const hint = 'Name a folder or file relative to the project, such as path:models/leads.';
      return { message: `No model lies in \`${method.path}\`.`, hint };
    }
    default:
      return method satisfies never;
  }
}
