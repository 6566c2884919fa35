import * as z from 'zod';

/**
 * The fault language (rules 14 and 23): which requests, how often, what happens. A fault is looked at for every request
 * that matches; of those it strikes the `nth`, or all after the first `after`, each with `probability`, at most `times`
 * times. The first fault that strikes decides; `delay` and `vanish` let the others have their turn as well.
 */
const match = z.strictObject({
  method: z.string().toUpperCase().optional(),
  /** Regular expression over the path with its query. */
  path: z.string().refine(isRegExp, 'not a regular expression').optional(),
  /** Regular expression over the request's body. */
  body: z.string().refine(isRegExp, 'not a regular expression').optional(),
});

const commit = z.boolean().default(false).describe('true: the request is done and only its answer is replaced');

const effect = z.discriminatedUnion('kind', [
  /** Any status with any body; `contentType: null` sends none. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.unknown().optional(),
    contentType: z.string().nullable().default('application/json;charset=utf-8'),
    headers: z.record(z.string(), z.string()).default({}),
    commit,
  }),
  /** 423. */
  z.strictObject({ kind: z.literal('locked') }),
  /** 477: the account is being moved. */
  z.strictObject({ kind: z.literal('migrating'), retryAfterSeconds: z.int().min(0).default(60) }),
  /** 500 with HubSpot's envelope. */
  z.strictObject({ kind: z.literal('internal_error'), commit }),
  /** 502, 503, 504, 521, 522, 523 of something in front of HubSpot: HTML, or no content type at all. */
  z.strictObject({
    kind: z.literal('gateway'),
    status: z.union([502, 503, 504, 521, 522, 523].map((status) => z.literal(status))).default(502),
    format: z.enum(['html', 'none']).default('html'),
    commit,
  }),
  /** 524: no reply in `afterMs`; 100 s in production. */
  z.strictObject({ kind: z.literal('timeout'), afterMs: z.int().min(0).default(100_000), commit }),
  /** The connection breaks: before the request is done, after it (`commit`), or in the middle of the answer. */
  z.strictObject({ kind: z.literal('drop'), commit, midway: z.boolean().default(false) }),
  /** 401 in the middle of a run. */
  z.strictObject({ kind: z.literal('unauthorized') }),
  /** 403. */
  z.strictObject({ kind: z.literal('missing_scope'), scope: z.string().default('crm.objects.contacts.write') }),
  /** 429. */
  z.strictObject({
    kind: z.literal('rate_limited'),
    policy: z.enum(['burst', 'daily', 'search']).default('burst'),
    retryAfterSeconds: z.int().min(0).nullable().default(null),
  }),
  /** Rule 14: 409 for the whole batch if it names one of these ids or values. */
  z.strictObject({ kind: z.literal('conflict'), records: z.array(z.string()).min(1) }),
  /** 200 without a body. */
  z.strictObject({ kind: z.literal('empty_answer'), commit }),
  /** 200 COMPLETE with no results. */
  z.strictObject({ kind: z.literal('empty_results'), commit }),
  /** The last `count` results of a batch are left out of the answer, though they were done. */
  z.strictObject({ kind: z.literal('missing_results'), count: z.int().min(1).default(1) }),
  /** Results without objectWriteTraceId. */
  z.strictObject({ kind: z.literal('no_trace_ids') }),
  /** 207 with `errors: []`, whatever the errors were. */
  z.strictObject({ kind: z.literal('empty_errors') }),
  /** The answer's JSON stops in the middle. */
  z.strictObject({ kind: z.literal('broken_json'), commit: commit.default(true) }),
  /** Before the request is done, the first `count` records that it names by id are deleted or merged into new ones. */
  z.strictObject({
    kind: z.literal('vanish'),
    how: z.enum(['delete', 'merge']).default('delete'),
    count: z.int().min(1).default(1),
  }),
  /** The answer takes longer. */
  z.strictObject({ kind: z.literal('delay'), ms: z.number().min(0) }),
]);

export const faultSchema = z.strictObject({
  /** Shows in the log; drawn if absent. */
  id: z.string().min(1).optional(),
  match: match.prefault({}),
  /** Only the n-th request that matches, counted from 1. */
  nth: z.int().min(1).optional(),
  /** Not the first so many. */
  after: z.int().min(0).default(0),
  probability: z.number().min(0).max(1).default(1),
  seed: z.int().optional(),
  /** Null: without end. */
  times: z.int().min(1).nullable().default(null),
  effect,
});

export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type FaultEffect = Fault['effect'];

function isRegExp(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
