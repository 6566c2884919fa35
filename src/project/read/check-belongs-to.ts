import { namesAt, problemAtKey } from '../files/problem-at.ts';
import type { YamlFile } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ProjectShape } from '../shapes/project-schema.ts';
import { type Unknown, unknownName } from './unknown-name.ts';

type Parents = ReadonlyMap<string, readonly string[]>;

/** Entities belong to others that exist, and never in a circle: nobody could say what to sum up first. */
export function checkBelongsTo(shape: ProjectShape, yaml: YamlFile, report: ProblemSink): void {
  const known = namesAt(yaml, ['entities']);
  const parents: Parents = new Map(
    Object.entries(shape.entities ?? {}).map(([name, entity]) => [name, Object.keys(entity.belongs_to ?? {})]),
  );
  const reported = new Set<string>();
  for (const [name, of] of parents) {
    for (const parent of of) {
      const wrong = wrongParent(name, parent, known) ?? circle(name, parent, parents, reported);
      if (wrong === null) continue;
      report(problemAtKey(yaml, ['entities', name, 'belongs_to'], parent, { code: 'CONFIG_INVALID', ...wrong }));
    }
  }
}

function wrongParent(name: string, parent: string, known: readonly string[]): Unknown | null {
  return parent === name ? { message: `entity \`${name}\` belongs to itself` } : unknownName('entity', parent, known);
}

/** Each circle is told once, at the first of its entities. */
function circle(name: string, parent: string, parents: Parents, reported: Set<string>): Unknown | null {
  const way = wayUp(parent, name, parents, []);
  if (way === null) return null;
  const members = [...way].sort().join();
  if (reported.has(members)) return null;
  reported.add(members);
  const message = `entities belong to each other in a circle: ${[name, ...way].join(' → ')}`;
  return { message, hint: 'Remove one of these: what is counted for a parent must come from its children alone.' };
}

/** From an entity up to another, both included; null where none leads there. */
function wayUp(from: string, to: string, parents: Parents, passed: readonly string[]): readonly string[] | null {
  if (from === to) return [from];
  if (passed.includes(from)) return null;
  for (const next of parents.get(from) ?? []) {
    const way = wayUp(next, to, parents, [...passed, from]);
    if (way !== null) return [from, ...way];
  }
  return null;
}
