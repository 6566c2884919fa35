import type { Spending } from '../../src/warehouse/metered-warehouse.ts';

/** Of runs whose warehouse nobody meters. */
export const nothingSpent: Spending = { statements: 0, seconds: 0, bytesBilled: null };
