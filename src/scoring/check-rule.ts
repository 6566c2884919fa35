import type { CardAbsenceRule, CardEventRule, CardRule } from './card.ts';
import { numberText } from './literals.ts';
import type { SettingReader, YamlPath } from './setting-reader.ts';
import { type Span, secondsPerDay, spanText } from './span.ts';

/**
 * Reports options of a rule, or of what a segment makes of it, that contradict each other by their values.
 * @param path of the rule, or of the segment
 */
export function checkRule(rule: CardRule, path: YamlPath, reader: SettingReader): void {
  const report = (key: string, value: string, message: string) => reader.report([...path, key], value, message);
  const { limit, curve } = rule;
  if (curve?.kind === 'half_at' && limit === undefined) {
    const message = 'points that come near a limit need a `limit`: expected one, or `curve: { log: … }`';
    report('curve', `half_at: ${numberText(curve.at)}`, message);
  }
  if (rule.kind === 'event') checkAges(rule, report);
  if (rule.kind === 'absence') checkRepeat(rule, report);
  if ((rule.kind === 'event' || rule.kind === 'absence') && rule.recover !== undefined) checkPenalty(rule, report);
}

type Report = (key: string, value: string, message: string) => void;

function checkAges({ from, within }: CardEventRule, report: Report): void {
  if (from === undefined || within === undefined || inSeconds(from) < inSeconds(within)) return;
  const [youngest, oldest] = [spanText(from), spanText(within)];
  const message = `no event is at least ${youngest} old and younger than ${oldest}: expected the younger age first`;
  report('between', `[${youngest}, ${oldest}]`, message);
}

function inSeconds({ unit, length }: Span): number {
  return unit === 'days' ? length * secondsPerDay : length;
}

/** Periods of silence are counted in one unit. */
function checkRepeat({ repeat, within, limit }: CardAbsenceRule, report: Report): void {
  if (repeat === undefined) return;
  if (repeat.unit !== within.unit) {
    const way = within.unit === 'days' ? 'days or weeks' : 'hours or minutes';
    const message = `\`repeat: ${spanText(repeat)}\` after \`within: ${spanText(within)}\`: expected ${way}, as \`within\` has`;
    report('repeat', spanText(repeat), message);
  }
  if (limit === undefined)
    report('limit', 'none', 'a rule with `repeat` needs a `limit`: its points would have no end');
}

/** Reports points that no recovery can end, since they are no penalty. What SQL gives is not known. */
function checkPenalty({ points }: CardEventRule | CardAbsenceRule, report: Report): void {
  if (typeof points === 'object' && 'fragment' in points) return;
  const gains = (typeof points === 'number' ? [points] : points.bands.map((band) => band.points)).filter(
    (some) => some >= 0,
  );
  const [gain] = gains;
  if (gain === undefined) return;
  const message = `\`recover\` ends a penalty, and points are ${numberText(gain)}: expected points below 0`;
  report('recover', numberText(gain), message);
}
