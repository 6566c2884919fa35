import { openTempPostgres } from '../support/temp-postgres.ts';
import { describeWholeProject } from './whole-project.ts';

describeWholeProject('PostgreSQL', null, async () => {
  const { settings, warehouse, dispose } = await openTempPostgres('UTC', {
    schemas: ['raw_app', 'scoreline', 'scoreline_state'],
  });
  await warehouse.close();
  return { settings, target: { type: 'postgres', url: settings.url }, schema: (name) => name, stop: dispose };
});
