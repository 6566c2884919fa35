import type { Incremental } from '../project/model-types.ts';
import type { CardIncremental } from './card.ts';
import type { SettingReader } from './setting-reader.ts';
import { spanText } from './span.ts';

/** Today, yesterday and the day before: what is late is mostly late by hours. */
const defaultLookbackDays = 3;

export function readIncremental({ lookback }: Incremental, reader: SettingReader): CardIncremental {
  const path = ['incremental', 'lookback'];
  const span = reader.span(path, lookback);
  if (span === undefined) return { lookbackDays: defaultLookbackDays };
  if (span.unit === 'days') return { lookbackDays: span.length };
  reader.report(
    path,
    spanText(span),
    `\`lookback\` is ${spanText(span)}: expected days or weeks, since whole days are kept`,
  );
  return { lookbackDays: defaultLookbackDays };
}
