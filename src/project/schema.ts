import { z } from 'zod';
import { modelSchema } from './shapes/model-schema.ts';
import { projectSchema } from './shapes/project-schema.ts';
import { syncSchema } from './shapes/sync-schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schemas (draft 7, which editors' YAML plug-ins read best) of the three kinds of project files, made from the
 * definitions that the files are checked with. What only a look at several keys or files can tell is not in them.
 */
export function projectSchemas(): Readonly<Record<'project' | 'model' | 'sync', JsonSchema>> {
  return {
    project: jsonSchema(projectSchema, 'Scoreline project: config/scoreline.yml', takeVariables),
    model: jsonSchema(modelSchema, 'Scoreline model: a file of models/'),
    sync: jsonSchema(syncSchema, 'Scoreline sync: a file of syncs/'),
  };
}

interface Visited {
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
  readonly path: readonly (string | number)[];
}

function jsonSchema(schema: z.ZodType, title: string, override?: (visited: Visited) => void): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', override });
  return { $schema, title, ...rest };
}

const orVariable = '|\\$\\{';

/** An editor sees `${NAME}` where the engine sees its value. Keys are not replaced, so their patterns stay. */
function takeVariables({ jsonSchema, path }: Visited): void {
  const { type, pattern } = jsonSchema;
  if (type !== 'string' || pattern === undefined || path.includes('propertyNames')) return;
  // Wrappers (optional, default) show the same schema again.
  if (!pattern.endsWith(orVariable)) jsonSchema.pattern = pattern + orVariable;
}
