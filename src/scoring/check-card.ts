import type { Card, CardBand } from './card.ts';
import { checkRange, checkTiersAndRound } from './check-scored-card.ts';
import type { SettingReader, YamlPath } from './setting-reader.ts';

/**
 * Reports numbers of a card that contradict each other. What they say without parameters was checked when the project was
 * read; here parameters have their values.
 */
export function checkCard(card: Card, reader: SettingReader): void {
  checkRange(card, reader);
  for (const { name, min, max } of card.groups) {
    if (min === undefined || max === undefined || min <= max) continue;
    reader.report(['groups', name, 'min'], String(min), `group \`${name}\`: min ${min} is above max ${max}`);
  }
  checkTiersAndRound(card, reader);
}

/** Two bands from the same number of events on contradict each other. @param bands in the order of the file */
export function checkBands(bands: readonly CardBand[], path: YamlPath, reader: SettingReader): void {
  for (const [index, { atLeast }] of bands.entries()) {
    if (bands.findIndex((band) => band.atLeast === atLeast) === index) continue;
    const message = `another band begins at ${atLeast} events, too: expected each band once`;
    reader.report([...path, 'bands', index, 'at_least'], String(atLeast), message);
  }
}
