import type { Model } from '../project/model-types.ts';
import type { SourceFile } from '../project/setting-types.ts';

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a model's files name another model: the first `ref('other')`, else the first mention, else the file's start. */
export function findReference(model: Model, other: string): Place {
  const word = other.replaceAll(/[^\w]/g, '\\$&');
  const call = new RegExp(`\\bref\\(\\s*['"]${word}['"]`);
  const mention = new RegExp(`(?<![\\w.])${word}(?!\\w)`);
  const files = filesOf(model);
  for (const pattern of [call, mention]) {
    for (const file of files) {
      const place = findText(file, pattern);
      if (place !== null) return place;
    }
  }
  return { file: model.file.path, line: 1, column: 1 };
}

/** The place of the first match in a file; null where there is none. */
export function findText(file: SourceFile, pattern: RegExp): Place | null {
  const index = pattern.exec(file.text)?.index;
  if (index === undefined) return null;
  const before = file.text.slice(0, index).split('\n');
  return { file: file.path, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function filesOf(model: Model): readonly SourceFile[] {
  const tests = [...model.tests, ...model.columns.flatMap((column) => column.tests)];
  const testFiles = tests.flatMap((test) => (test.kind === 'sql' && 'path' in test.sql ? [test.sql] : []));
  return [...(model.kind === 'sql' ? [model.sql] : []), ...membersFile(model), model.file, ...testFiles];
}

function membersFile(model: Model): readonly SourceFile[] {
  return model.kind === 'audience' && model.members.kind === 'sql' ? [model.members.sql] : [];
}
