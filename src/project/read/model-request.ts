import type { SqlFiles } from '../files/sql-files.ts';
import type { YamlFile } from '../files/yaml-file.ts';
import type { Model } from '../model-types.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ModelSource } from './for-each.ts';

export interface ModelRequest {
  /** The file's stem. */
  readonly name: string;
  readonly yaml: YamlFile;
  /** What `for_each` says of this one. */
  readonly fixed: ModelSource['fixed'];
  readonly timeZone: string;
  readonly sqlFiles: SqlFiles;
  readonly report: ProblemSink;
}

/** What all kinds of models have, read. */
export type ModelBase = Pick<Model, 'name' | 'file' | 'description' | 'tags' | 'params' | 'columns' | 'tests'>;
