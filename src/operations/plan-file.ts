import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ScorelineError } from '../errors/scoreline-error.ts';
import type { PlanOutcome } from './run-syncs.ts';

/**
 * What `plan --out` writes. It names plans; their rows, and all that applying needs, stay in the warehouse, so a file
 * that somebody changed can make nothing else happen: it is refused.
 */
export interface PlanFile {
  readonly project: string;
  readonly target: string;
  /** Null where there is nothing to apply: the project has no syncs. */
  readonly portal_id: number | null;
  /** ISO, UTC. */
  readonly as_of: string;
  readonly plans: readonly { readonly plan_id: string; readonly sync: string; readonly digest: string }[];
}

const kind = 'scoreline plan';
const fileVersion = 1;

const fileSchema = z.looseObject({
  kind: z.literal(kind),
  schema_version: z.int(),
  project: z.string(),
  target: z.string(),
  portal_id: z.int().nullable(),
  as_of: z.iso.datetime(),
  plans: z.array(z.looseObject({ plan_id: z.string(), sync: z.string(), digest: z.string() })),
  checksum: z.string(),
});

export interface PlanFileRequest {
  /** Absolute. */
  readonly path: string;
  readonly project: string;
  readonly target: string;
  readonly outcome: PlanOutcome;
}

/** @throws USAGE_INVALID where the file cannot be written */
export function writePlanFile({ path, project, target, outcome }: PlanFileRequest): void {
  const content = {
    kind,
    schema_version: fileVersion,
    project,
    target,
    portal_id: outcome.judged[0]?.plan.portal.portalId ?? null,
    as_of: outcome.asOf,
    plans: outcome.judged.map(({ plan, violations, overrides }) => ({
      plan_id: plan.planId,
      sync: plan.sync,
      digest: plan.digest,
      violations,
      overrides,
      summary: plan,
    })),
  };
  const text = JSON.stringify({ ...content, checksum: checksumOf(content) }, null, 2);
  try {
    writeFileSync(path, `${text}\n`);
  } catch (cause) {
    throw new ScorelineError('USAGE_INVALID', `Cannot write the plan to ${path}: ${messageOf(cause)}`, {
      hint: 'Name a file in a folder that is there.',
      cause,
    });
  }
}

/** @throws USAGE_INVALID where there is no file; STATE_PLAN_FILE for one that is no plan, or not as it was written */
export function readPlanFile(path: string): PlanFile {
  const text = readText(path);
  const parsed = fileSchema.safeParse(parseJson(text, path));
  if (!parsed.success) throw notAPlan(path, parsed.error.issues[0]?.message ?? 'it has another shape');
  const { checksum, ...content } = parsed.data;
  if (content.schema_version !== fileVersion) {
    throw notAPlan(path, `its schema_version is ${content.schema_version}, and this Scoreline reads ${fileVersion}`);
  }
  if (checksum !== checksumOf(content)) {
    throw new ScorelineError('STATE_PLAN_FILE', `The plan file ${path} was changed after it was written`, {
      hint: 'Make a new one with `scoreline plan --out FILE`. What a plan does is changed in the project, not in its file.',
    });
  }
  return content;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ScorelineError('USAGE_INVALID', `Cannot read the plan file ${path}: ${messageOf(cause)}`, {
      hint: '`scoreline plan --out FILE` writes one.',
      cause,
    });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notAPlan(path, messageOf(cause));
  }
}

function notAPlan(path: string, why: string): ScorelineError {
  return new ScorelineError('STATE_PLAN_FILE', `${path} is no plan file of Scoreline, or lost a part: ${why}`, {
    hint: 'Make a new one with `scoreline plan --out FILE`.',
  });
}

/** Over the content as JSON with sorted keys, so that reformatting a file does no harm. */
function checksumOf(content: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(content)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
