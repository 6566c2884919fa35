import { sql } from 'kysely';
import { describeAgreement } from '../contract/dialect-agreement.ts';
import { snowflake } from '../support/cloud-server.ts';
import { describeOn } from '../support/describe-on-cloud.ts';

describeOn(snowflake, (server) => {
  describeAgreement(
    snowflake.name,
    async (timeZone) => {
      const warehouse = await server().open(timeZone);
      return { warehouse, dispose: () => warehouse.close() };
    },
    { localTime: (wallTime) => sql`cast(${sql.lit(wallTime)} as timestamp)`, statements: 10 },
  );
});
