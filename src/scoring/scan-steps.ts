import { type EventStepsOptions, markSteps, readStep } from './event-steps.ts';
import type { EventScan } from './plan-scans.ts';
import { recoveredStep, recoveryStep } from './recovery-steps.ts';
import { lastName, type Step } from './select-text.ts';

export interface ScanSteps {
  readonly steps: readonly Step[];
  /** The step with each scan's events and what a count leaves of them. */
  readonly events: ReadonlyMap<EventScan, string>;
  /** Rule's id → the step with the age of the newest event that ends its penalty. */
  readonly recoveries: ReadonlyMap<string, string>;
}

/** Reads all relations of events, each once: first the rows, then what ends penalties, then the marks that need it. */
export function scanSteps(scans: readonly EventScan[], options: EventStepsOptions): ScanSteps {
  const { stepName } = options;
  const read = scans.map((scan) => ({ scan, step: readStep(scan, options) }));
  const steps = read.map(({ step }) => step);
  const recoveries = new Map<string, string>();
  for (const { scan, step } of read) {
    for (const recovery of scan.recoveries) {
      const ending = recoveryStep(recovery, step.name, stepName);
      recoveries.set(recovery.rule.id, ending.name);
      steps.push(ending);
    }
  }
  const events = new Map<EventScan, string>();
  for (const { scan, step } of read) {
    const recovered = recoveredStep(scan, step.name, { recoveries, stepName });
    const marks = markSteps(scan, recovered?.name ?? step.name, options);
    const added = [step, ...(recovered === null ? [] : [recovered]), ...marks];
    steps.push(...added.slice(1));
    events.set(scan, lastName(added));
  }
  return { steps, events, recoveries };
}
