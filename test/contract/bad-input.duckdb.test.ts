import { join } from 'node:path';
import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { emptyFolder } from '../support/project-files.ts';
import { describeBadInput } from './bad-input.ts';

describeBadInput(
  'DuckDB',
  async () => {
    const path = join(emptyFolder(), 'test.duckdb');
    return {
      target: { type: 'duckdb', path },
      open: () => openWarehouse({ type: 'duckdb', path, memoryLimit: '512MB' }, { timeZone: 'UTC' }),
      dispose: async () => {},
    };
  },
  { list: '[1, 2]' },
);
