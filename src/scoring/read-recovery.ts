import type { AbsenceRule, EventRule } from '../project/rule-types.ts';
import type { CardRecovery } from './card.ts';
import { byOf, type CardReader } from './card-reader.ts';
import type { YamlPath } from './setting-reader.ts';

/** The events that end a rule's penalty. */
export function readRecovery(
  rule: EventRule | AbsenceRule,
  path: YamlPath,
  reader: CardReader,
): CardRecovery | undefined {
  const { recover } = rule;
  if (recover === undefined) return undefined;
  const place = [...path, 'recover'];
  return {
    events: reader.events([...place, 'on'], recover.on, byOf(rule, path)),
    at: reader.expression([...place, 'at'], recover.at),
    where: recover.where === undefined ? undefined : reader.expression([...place, 'where'], recover.where),
  };
}
