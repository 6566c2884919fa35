import type { ForgetReceipt } from '../../state/forget.ts';
import type { Painter } from './painter.ts';
import { renderTable } from './render-table.ts';

/** A receipt for whoever asked to be forgotten: what was erased where, when, and the hashes that stay. Never the value. */
export function renderReceipt(receipt: ForgetReceipt, schema: string, paint: Painter): string {
  const { object, forgottenAt, erased, hashes, plansScrubbed, records } = receipt;
  const total = Object.values(erased).reduce((sum, rows) => sum + rows, 0);
  const scrubbed = plansScrubbed > 0 ? `\n  and taken out of the printed summaries of ${plansScrubbed} plans` : '';
  const left =
    records.length === 0
      ? 'HubSpot and the models were not touched; the state knew no record.'
      : `Not touched, and yours to delete: the records ${records.map(({ recordId }) => recordId).join(', ')} in HubSpot, and the rows of the models.`;
  return [
    `${paint.strong('Receipt')}: one of the ${object} was forgotten at ${forgottenAt}`,
    total === 0
      ? '  Nothing was known.'
      : renderTable(
          ['table', 'rows erased'],
          Object.entries(erased).map(([table, rows]) => [`${schema}_state.${table}`, rows]),
        ) + scrubbed,
    `These salted hashes stay, so that no later plan writes the person again:\n${hashes.map(({ property, hash }) => `  ${hash}  (${property})`).join('\n')}`,
    left,
  ].join('\n\n');
}
