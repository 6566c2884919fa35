import { openWarehouse } from '../../src/warehouse/open-warehouse.ts';
import { administer, makeBareRole, makeDatabase } from '../support/temp-postgres.ts';
import { describeSameNumbers } from './same-numbers.ts';

describeSameNumbers('PostgreSQL', async (timeZone) => {
  const { adminUrl, drop } = await makeDatabase();
  const { url } = await makeBareRole(adminUrl);
  const warehouse = await openWarehouse({ type: 'postgres', url: adminUrl }, { timeZone });
  return {
    warehouse,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
    settings: { type: 'postgres', url: '${TEST_URL}' },
    env: { TEST_URL: url },
    grant: (statements) => administer(adminUrl, statements),
    dispose: async () => {
      await warehouse.close();
      await drop();
    },
  };
});
