import { checkUnitTests } from './check/check-unit-tests.ts';
import type { LoadedFiles } from './check/loaded-files.ts';
import type { YamlFile } from './files/yaml-file.ts';
import type { UnitTest } from './model-types.ts';
import type { ProblemSink } from './problem-sink.ts';
import { readUnitTestFile, readUnitTests } from './read/read-unit-tests.ts';

export interface UnitTestFiles {
  readonly files: LoadedFiles;
  /** Files of `models/` that have tests alone. */
  readonly testFiles: readonly YamlFile[];
  readonly timeZone: string;
  readonly report: ProblemSink;
}

/** The unit tests of all files, those of models' own files first; what they name is checked. */
export function loadUnitTests({ files, testFiles, timeZone, report }: UnitTestFiles): readonly UnitTest[] {
  const ofModels = [...files.models].flatMap(([model, { shape, yaml }]) =>
    readUnitTests({ shapes: shape.unit_tests ?? [], yaml, model, timeZone, report }),
  );
  const ofFiles = testFiles.flatMap((yaml) => readUnitTestFile({ yaml, timeZone, report }));
  // A file of several models (`for_each`) gives a test that names one of them once for each.
  const all = [
    ...new Map(
      [...ofModels, ...ofFiles].map((each) => [
        JSON.stringify([each.yaml.path, each.test.path, each.test.model]),
        each,
      ]),
    ).values(),
  ];
  checkUnitTests(files, all, report);
  return all.map(({ test }) => test);
}
