import type { Rejection, WriteOutcome } from '../types.ts';
import type { ReturnedRecord } from './object-calls.ts';

/** The property that moves forward alone. */
export const lifecycleStage = 'lifecyclestage';

/** `accepted`, unless the answer shows that HubSpot has kept another lifecycle stage than was sent. */
export function writtenOutcome(
  sent: Readonly<Record<string, string>>,
  record: ReturnedRecord,
  created: boolean,
): WriteOutcome {
  const rejection = keptStage(sent, record);
  if (rejection !== undefined) return { kind: 'rejected', rejection };
  return { kind: 'accepted', recordId: record.id, created };
}

/** A stage moves forward alone: a step back is answered with 200, and only the echo shows that nothing came of it. */
function keptStage(sent: Readonly<Record<string, string>>, { properties }: ReturnedRecord): Rejection | undefined {
  const [wanted, held] = [sent[lifecycleStage], properties[lifecycleStage]];
  if (!wanted || !held || held.toLowerCase() === wanted.toLowerCase()) return undefined;
  return {
    category: 'LIFECYCLE_STAGE_KEPT',
    message: `HubSpot keeps the lifecycle stage ${held}: ${wanted} would be a step back. The row's other values were written`,
    property: lifecycleStage,
  };
}
