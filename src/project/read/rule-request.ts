import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import type { RuleShape } from '../shapes/rule-schema.ts';

/** A rule to be read, with its place in the file. */
export interface RuleRequest {
  readonly shape: RuleShape;
  readonly path: YamlPath;
  readonly yaml: YamlFile;
  readonly report: ProblemSink;
}
