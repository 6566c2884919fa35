import { z } from 'zod';
import { explained, wholeNumber } from '../settings.ts';
import type { GuardLimit, Guards } from '../sync-types.ts';

/** What holds where a sync says nothing. */
export const defaultGuards: Guards = {
  maxChanged: { shareRatio: 0.5 },
  maxRemoved: { shareRatio: 0.1 },
  maxCreated: { shareRatio: 0.2 },
  maxTierMoves: { shareRatio: 0.3 },
  maxNull: { shareRatio: 0.05 },
  minRows: 1,
};

const rowsError = 'expected a whole number of rows';
const rows = wholeNumber(0, undefined, rowsError);

const shareError = 'expected a share such as 20% or 0.2';
const share = z.union(
  [
    z.number().gt(0, { error: shareError }).lt(1, { error: shareError }),
    z
      .string()
      .regex(/^\d{1,5}(\.\d+)?%$/)
      .transform((written) => Number.parseFloat(written) / 100),
  ],
  { error: shareError },
);

const limitError = 'expected a share such as 20%, a whole number of rows, { share, rows }, or off';
const off = z.literal('off').transform((): GuardLimit => ({}));

/** `20%` and `0.2` are shares, `500` is rows. */
export const guardLimit = z.union(
  [
    off,
    rows.transform((limit): GuardLimit => ({ rows: limit })),
    share.transform((limit): GuardLimit => ({ shareRatio: limit })),
    z
      .strictObject({
        share: explained(share, 'The largest share of the rows in the snapshot.', '20%'),
        rows: explained(rows, 'The largest number of rows; it holds on the first sync too.', 500),
      })
      .transform((limit): GuardLimit => ({ shareRatio: limit.share, rows: limit.rows })),
  ],
  { error: limitError },
);

/** `guards:` of a sync. */
export const guardsSchema = z.strictObject({
  max_changed: explained(guardLimit, 'Rows that a plan may change.', '50%', { share: '50%', rows: 10_000 }).optional(),
  max_removed: explained(
    guardLimit,
    'Rows that may leave the model and be cleared, and members that may leave a list.',
    '10%',
  ).optional(),
  max_created: explained(guardLimit, 'Records that a plan may create.', '20%', { share: '20%', rows: 500 }).optional(),
  max_tier_moves: explained(
    guardLimit,
    'Rows that may change their tier, of those with a tier before and after.',
    '30%',
  ).optional(),
  max_null: explained(guardLimit, 'For each property: rows of the model without a value.', '5%').optional(),
  min_rows: explained(
    z.union([off.transform(() => 0), rows], { error: 'expected a whole number of rows, or off' }),
    'Rows that the model must have.',
    1,
  ).optional(),
});

const defaultMaxRejected: GuardLimit = { shareRatio: 0.05 };

const canaryRows = wholeNumber(1, undefined, 'expected a whole number of rows above 0');
const canaryError = 'expected a whole number of rows above 0, or { rows, max_rejected }';

/** `canary:` of a sync. */
export const canarySchema = z.union(
  [
    canaryRows.transform((count) => ({ rows: count, maxRejected: defaultMaxRejected })),
    z
      .strictObject({
        rows: explained(canaryRows, 'How many rows are written first and read back.', 200),
        max_rejected: explained(
          guardLimit,
          'How many of them may be refused, or read back otherwise than written (default: 5%).',
          '5%',
          3,
        ).optional(),
      })
      .transform((canary) => ({ rows: canary.rows, maxRejected: canary.max_rejected ?? defaultMaxRejected })),
  ],
  { error: canaryError },
);

export function readGuards(shape: z.output<typeof guardsSchema> | null | undefined): Guards {
  return {
    maxChanged: shape?.max_changed ?? defaultGuards.maxChanged,
    maxRemoved: shape?.max_removed ?? defaultGuards.maxRemoved,
    maxCreated: shape?.max_created ?? defaultGuards.maxCreated,
    maxTierMoves: shape?.max_tier_moves ?? defaultGuards.maxTierMoves,
    maxNull: shape?.max_null ?? defaultGuards.maxNull,
    minRows: shape?.min_rows ?? defaultGuards.minRows,
  };
}
