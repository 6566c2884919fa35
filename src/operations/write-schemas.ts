import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectSchemas } from '../project/schema.ts';

/**
 * Writes the JSON Schemas of the project's files for editors: `project.schema.json`, `model.schema.json`,
 * `sync.schema.json`. Existing ones are replaced.
 * @param dir absolute; made if missing
 * @returns the files' absolute paths
 */
export async function writeSchemas(dir: string): Promise<readonly string[]> {
  await mkdir(dir, { recursive: true });
  const written: string[] = [];
  for (const [kind, schema] of Object.entries(projectSchemas())) {
    const path = join(dir, `${kind}.schema.json`);
    await writeFile(path, `${JSON.stringify(schema, null, 2)}\n`);
    written.push(path);
  }
  return written;
}
