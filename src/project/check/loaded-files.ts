import { namesAt } from '../files/problem-at.ts';
import type { YamlFile } from '../files/yaml-file.ts';
import type { Config } from '../read/read-config.ts';
import type { LoadedModel } from '../read/read-model.ts';
import type { LoadedSync } from '../read/read-sync.ts';
import { type Unknown, unknownName, unknownTable } from '../read/unknown-name.ts';
import { parseRelation } from '../relation-name.ts';

/** What was read of a project, for checks that look across files. What has problems is missing, but its name is known. */
export interface LoadedFiles {
  readonly config: Config | null;
  readonly configFile: YamlFile;
  readonly models: ReadonlyMap<string, LoadedModel>;
  /** Of all files, readable or not. */
  readonly modelNames: readonly string[];
  readonly syncs: ReadonlyMap<string, LoadedSync>;
}

/** @returns what is wrong with a name, or null if it is known, or if the file that would know it is not readable */
export function unknownModel(files: LoadedFiles, model: string): Unknown | null {
  return unknownName('model', model, files.modelNames);
}

export function isKnownEntity({ configFile }: LoadedFiles, entity: string): boolean {
  return namesAt(configFile, ['entities']).includes(entity);
}

export function unknownEntity({ configFile }: LoadedFiles, entity: string): Unknown | null {
  return configFile.data === undefined ? null : unknownName('entity', entity, namesAt(configFile, ['entities']));
}

/** Judges `{{ ref('leads') }}` and `{{ source('app', 'logins') }}`; other relations are for the renderer. */
export function unknownRelation(files: LoadedFiles, relation: string): Unknown | null {
  const name = parseRelation(relation);
  switch (name.kind) {
    case 'ref':
      return unknownModel(files, name.model);
    case 'source': {
      const { configFile } = files;
      if (configFile.data === undefined) return null;
      const unknown = unknownName('source', name.source, namesAt(configFile, ['sources']));
      const tables = namesAt(configFile, ['sources', name.source, 'tables']);
      return unknown ?? unknownTable(name.source, name.table, tables);
    }
    case 'other':
      return null;
    default:
      return name satisfies never;
  }
}
