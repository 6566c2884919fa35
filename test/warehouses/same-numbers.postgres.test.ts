import { openTempPostgres } from '../support/temp-postgres.ts';
import { describeSameNumbers } from './same-numbers.ts';

describeSameNumbers('PostgreSQL', async (timeZone) => {
  const { warehouse, settings, dispose } = await openTempPostgres(timeZone);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the file spells it
  return { warehouse, settings: { type: 'postgres', url: '${TEST_URL}' }, env: { TEST_URL: settings.url }, dispose };
});
