import type { ExplainedOverride, ExplainedVerdict } from '../../scoring/explain-verdict.ts';
import { oneLine } from './format.ts';
import { formatInstant } from './format-instant.ts';
import type { ExplanationView } from './render-card.ts';
import { points, sumLine } from './sum-line.ts';

/** What stands between a computed score and its tier, a line each; none where nothing does. */
export function verdictLines(explained: ExplainedVerdict, { paint, timeZone }: ExplanationView): readonly string[] {
  const { override, gates, segment, rank, tierBefore, hysteresis } = explained;
  const notes: string[] = [];
  if (segment !== null) notes.push(`Segment ${segment}`);
  if (rank !== null) notes.push(`Place ${points(rank.place)} of ${points(rank.of)} by score`);
  if (tierBefore !== null && hysteresis !== null && override === null) {
    notes.push(`Was ${tierBefore} before: keeps a tier until the score is ${points(hysteresis)} below its threshold`);
  }
  const ruledOut = gates.filter((gate) => gate.holds).map((gate) => gate.label);
  if (ruledOut.length > 0)
    notes.push(`${override === null ? 'Disqualified' : 'Would be disqualified'}: ${ruledOut.join(', ')}`);
  const byHand =
    override === null
      ? []
      : [sumLine(paint.strong('set by hand'), explained.score, inWords(override, timeZone), paint)];
  return [...byHand, ...notes.map((note) => paint.dim(`  ${note}`))];
}

function inWords({ score, tier, reason, until }: ExplainedOverride, timeZone: string): string {
  const what =
    score === null ? `the tier ${tier} alone` : tier === null ? 'the score' : `the score and the tier ${tier}`;
  const why = reason === null ? '' : ` (${oneLine(reason, 60)})`;
  return `${what}${why}${until === null ? '' : `, until ${formatInstant(until, timeZone)}`}`;
}
