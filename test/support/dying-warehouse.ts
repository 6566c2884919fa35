import type { Warehouse } from '../../src/warehouse/port.ts';
import { slowWarehouse } from './slow-warehouse.ts';

/** A warehouse whose process dies before it can write to the ledger: HubSpot has done what nobody has heard of. */
export function dyingWarehouse(inner: Warehouse): Warehouse {
  const append: Warehouse['append'] = (table, columns, rows, options) =>
    table.name === 'ledger' ? Promise.reject(new Error('killed')) : inner.append(table, columns, rows, options);
  return { ...slowWarehouse(inner, { secondsPerStatement: 0 }), append };
}
