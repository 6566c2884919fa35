import { describeWarehouse } from '../contract/warehouse-contract.ts';
import { bigQuery } from '../support/cloud-server.ts';
import { describeOn } from '../support/describe-on-cloud.ts';

describeOn(bigQuery, (server) => {
  describeWarehouse(
    bigQuery.name,
    async () => {
      const warehouse = await server().open();
      return { warehouse, dispose: () => warehouse.close(), schema: server().schema };
    },
    {
      forgetsDecimalSize: true,
      refusesPunctuation: true,
      ...(bigQuery.isEmulator && { describesByRunning: true, knowsNobody: true }),
    },
  );
});
