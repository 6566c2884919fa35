import { describeWarehouse } from '../contract/warehouse-contract.ts';
import { snowflake } from '../support/cloud-server.ts';
import { describeOn } from '../support/describe-on-cloud.ts';

describeOn(snowflake, (server) => {
  describeWarehouse(snowflake.name, async () => {
    const warehouse = await server().open();
    return { warehouse, dispose: () => warehouse.close(), schema: server().schema };
  });
});
