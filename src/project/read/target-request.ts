import type { Environment } from '../files/environment.ts';
import type { YamlFile } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { ProjectShape, TargetShape } from '../shapes/project-schema.ts';

export interface TargetRequest {
  readonly name: string;
  readonly shape: TargetShape;
  readonly sources: NonNullable<ProjectShape['sources']>;
  readonly yaml: YamlFile;
  readonly projectDir: string;
  readonly env: Environment;
  /** Of the target that is not selected, only the file is judged and not the environment. */
  readonly isSelected: boolean;
  readonly report: ProblemSink;
}
