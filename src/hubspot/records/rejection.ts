import type { Rejection } from '../types.ts';
import { maskPersonalData } from '../wire/mask-personal-data.ts';
import type { Refusal } from '../wire/refusal.ts';

/**
 * Makes a row's rejection of what HubSpot said, without personal data.
 * @param hidden values of the row that must not stand in the message, such as its match value
 */
export function rejectionOf(refusal: Refusal, hidden: readonly string[] = []): Rejection {
  return {
    category: refusal.category,
    message: maskPersonalData(refusal.message, hidden),
    property: refusal.property,
    correlationId: refusal.correlationId,
  };
}

/** HubSpot has no record of this id (any more): merged into another or deleted. A 404 that does not say so means no record. */
export function saysNotFound(refusal: Refusal): boolean {
  return refusal.category === 'OBJECT_NOT_FOUND';
}

/** Statuses by which HubSpot refuses a batch for what is in it, so that a smaller one may pass. */
const refusedForContent: ReadonlySet<number | undefined> = new Set([400, 409, 413, 414, 422]);

/** Whether rows are to blame for the refusal of a whole batch, and not the call itself (an unknown path, a redirect). */
export function blamesRows(refusal: Refusal): boolean {
  return refusedForContent.has(refusal.status) || saysNotFound(refusal);
}

/** The record that already has the value which a create or upsert wanted. */
export function existingIdIn(refusal: Refusal): string | undefined {
  const isConflict =
    refusal.status === 409 || refusal.category === 'CONFLICT' || refusal.category === 'OBJECT_ALREADY_EXISTS';
  if (!isConflict) return undefined;
  return refusal.context.existingId?.[0] ?? /existing id:\s*(\d+)/i.exec(refusal.message)?.[1];
}
