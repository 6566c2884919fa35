import { sql } from 'kysely';
import { describeAgreement } from '../contract/dialect-agreement.ts';
import { bigQuery } from '../support/cloud-server.ts';
import { describeOn } from '../support/describe-on-cloud.ts';

describeOn(bigQuery, (server) => {
  describeAgreement(
    bigQuery.name,
    async (timeZone) => {
      const warehouse = await server().open(timeZone);
      return { warehouse, dispose: () => warehouse.close() };
    },
    {
      localTime: (wallTime) => sql`datetime ${sql.lit(wallTime)}`,
      // The emulator has no other zone than UTC, whatever a job asks for.
      ...(bigQuery.isEmulator && { timeZone: 'UTC' }),
      plainNames: true,
      statements: 10,
    },
  );
});
