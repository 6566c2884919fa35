import type { Problem } from '../errors/scoreline-error.ts';
import type { Project, Target } from '../project/types.ts';
import type { Dialect } from '../sql/types.ts';

/** Files of the target that its warehouse cannot read as they are. */
export function checkSourceFiles(project: Project, target: Target, dialect: Dialect): readonly Problem[] {
  return [...target.sources].flatMap(([source, { files }]) =>
    [...files].flatMap(([table, path]): readonly Problem[] => {
      if (dialect.files(path) !== null) return [];
      return [
        {
          code: 'CONFIG_INVALID',
          file: project.file.path,
          ...project.file.locate(['targets', target.name, 'sources', source, 'files', table]),
          value: path,
          message: `the file of \`${source}.${table}\` is of a kind that this warehouse cannot read as it is`,
          hint: 'DuckDB reads .csv, .tsv, .parquet, .json, .jsonl and .ndjson, also with .gz or .zst behind; load others into a table.',
        },
      ];
    }),
  );
}
