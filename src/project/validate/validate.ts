import type { z } from 'zod';
import type { YamlFile, YamlPath } from '../files/yaml-file.ts';
import type { ProblemSink } from '../problem-sink.ts';
import { type IssueContext, leafIssues, problemsOfIssue } from './problems-of-issue.ts';
import { entryOf, withoutEntries } from './without-entries.ts';

export interface Validation<T extends z.ZodType> extends IssueContext {
  readonly schema: T;
  readonly report: ProblemSink;
  /** Places whose values cannot be judged, such as variables of a target that nobody selected. */
  readonly unknownAt?: (path: YamlPath) => boolean;
}

export interface Valid<T> {
  readonly shape: T;
  /** Finds places by the paths of `shape`, which may have fewer list items than the file. */
  readonly yaml: YamlFile;
}

/**
 * Checks a file's data against its schema and reports every problem.
 * @returns the data as the schema gives it, without the entries (rules, targets, properties …) that have problems, so
 *   that the rest can be checked further; null where too little is left
 */
export function validate<T extends z.ZodType>(validation: Validation<T>): Valid<z.output<T>> | null {
  const { schema, data, yaml, report } = validation;
  const result = schema.safeParse(data);
  if (result.success) return { shape: result.data, yaml };

  const issues = leafIssues(result.error.issues);
  for (const issue of issues) {
    if (validation.unknownAt?.(issue.path) === true) continue;
    for (const problem of problemsOfIssue(issue, validation)) report(problem);
  }

  // A wrong entry of a list or map is left out alone; a wrong part of anything else takes its whole key with it.
  for (const depth of [2, 1]) {
    const rest = withoutEntries(
      yaml,
      data,
      issues.flatMap((issue) => entryOf(issue, depth)),
    );
    const again = schema.safeParse(rest.data);
    if (again.success) return { shape: again.data, yaml: rest.yaml };
  }
  return null;
}
