import type { SourceFile } from '../project/setting-types.ts';
import type { Sync } from '../project/sync-types.ts';
import type { Project } from '../project/types.ts';

/** The project as a target sees it whose HubSpot properties have a prefix of their own, such as `test_`. */
export function prefixProperties(project: Project, prefix: string): Project {
  if (prefix === '') return project;
  const syncs = [...project.syncs].map(([name, sync]) => [name, prefixedSync(sync, prefix)] as const);
  return { ...project, syncs: new Map(syncs) };
}

function prefixedSync(sync: Sync, prefix: string): Sync {
  const properties = sync.properties.map((property) => ({ ...property, name: `${prefix}${property.name}` }));
  return { ...sync, properties, file: unprefixedFile(sync.file, prefix) };
}

/** Problems are reported by the properties' names; in the file they stand without the prefix. */
function unprefixedFile(file: SourceFile, prefix: string): SourceFile {
  return {
    path: file.path,
    text: file.text,
    locate: ([first, second, ...rest]) => {
      const isPrefixed = first === 'properties' && typeof second === 'string' && second.startsWith(prefix);
      const parts = [first, isPrefixed ? second.slice(prefix.length) : second, ...rest];
      return file.locate(parts.filter((part) => part !== undefined));
    },
  };
}
