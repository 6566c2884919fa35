import { z } from 'zod';
import type { YamlPath } from '../files/yaml-file.ts';

/** The keys that a schema knows for the map at `path`; empty where it expects no map of fixed keys. */
export function keysAt(schema: unknown, path: YamlPath): readonly string[] {
  return schemasAt(schema, path).flatMap((found) => (found instanceof z.ZodObject ? Object.keys(found.shape) : []));
}

/** Whether the schema marks the value at `path`, or a part of it, as a secret. */
export function isSecretAt(schema: unknown, path: YamlPath): boolean {
  return schemasAt(schema, path).some(holdsSecret);
}

function holdsSecret(schema: unknown): boolean {
  if (!(schema instanceof z.ZodType)) return false;
  if (schema.meta()?.writeOnly === true) return true;
  const inner = unwrapped(schema);
  if (inner !== undefined) return inner.some(holdsSecret);
  if (schema instanceof z.ZodObject) return Object.values(schema.shape).some(holdsSecret);
  if (schema instanceof z.ZodRecord) return holdsSecret(schema.valueType);
  return schema instanceof z.ZodArray && holdsSecret(schema.element);
}

/** All schemas that the value at `path` may have to fulfil: several below a union, wrappers included. */
function schemasAt(schema: unknown, path: YamlPath): readonly unknown[] {
  const inner = schema instanceof z.ZodType ? unwrapped(schema) : undefined;
  const [head, ...rest] = path;
  if (inner !== undefined) {
    const below = inner.flatMap((option) => schemasAt(option, path));
    return head === undefined ? [schema, ...below] : below;
  }
  if (head === undefined) return [schema];
  if (schema instanceof z.ZodObject) {
    return Object.hasOwn(schema.shape, head) ? schemasAt(schema.shape[head], rest) : [];
  }
  if (schema instanceof z.ZodRecord) return schemasAt(schema.valueType, rest);
  if (schema instanceof z.ZodArray) return schemasAt(schema.element, rest);
  return [];
}

/** What a wrapper stands around; undefined for a schema that is none. */
function unwrapped(schema: z.ZodType): readonly unknown[] | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return [schema.unwrap()];
  }
  if (schema instanceof z.ZodPipe) return [schema.in];
  return schema instanceof z.ZodUnion ? schema.options : undefined;
}
