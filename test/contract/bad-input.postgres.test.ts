import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { makeDatabase } from '../support/temp-postgres.ts';
import { describeBadInput } from './bad-input.ts';

/** As an administrator: these projects load their own sources, into schemas that they make. */
describeBadInput(
  'PostgreSQL',
  async () => {
    const { adminUrl, drop } = await makeDatabase();
    return {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
      target: { type: 'postgres', url: '${TEST_URL}' },
      env: { TEST_URL: adminUrl },
      open: () => openWarehouse({ type: 'postgres', url: adminUrl }, { timeZone: 'UTC' }),
      dispose: drop,
    };
  },
  { list: 'array[1, 2]', tooWide: /1,600 columns/ },
);
