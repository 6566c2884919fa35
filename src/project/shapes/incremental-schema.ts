import { z } from 'zod';
import { columnName, durationSetting, explained } from '../settings.ts';

const options = z.strictObject({
  loaded_at: explained(
    columnName,
    'The column of the events that says when a row was loaded; by default what their source declares as `loaded_at`.',
    'loaded_at',
  ).optional(),
  lookback: explained(
    durationSetting,
    'Whole days, the day of the build before included, that every build reads again.',
    '3d',
  ).optional(),
});

export const incremental = z.union([z.boolean(), options], {
  error: 'expected true, false, or { loaded_at, lookback }',
});

export type IncrementalShape = z.output<typeof incremental>;
