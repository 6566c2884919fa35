import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectSchemas } from '../project/schema.ts';
import { unwritable } from './unwritable.ts';

/**
 * Writes the JSON Schemas of the project's files for editors: `project.schema.json`, `model.schema.json`,
 * `sync.schema.json`. Existing ones are replaced.
 * @param dir absolute; made if missing
 * @returns the files' absolute paths
 * @throws USAGE_INVALID if the folder cannot be written
 */
export async function writeSchemas(dir: string): Promise<readonly string[]> {
  const written: string[] = [];
  try {
    await mkdir(dir, { recursive: true });
    for (const [kind, schema] of Object.entries(projectSchemas())) {
      const path = join(dir, `${kind}.schema.json`);
      await writeFile(path, `${JSON.stringify(schema, null, 2)}\n`);
      written.push(path);
    }
  } catch (cause) {
    throw unwritable(dir, cause);
  }
  return written;
}
