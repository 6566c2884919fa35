import type { Cloud } from '../support/cloud-server.ts';
import { describeOn } from '../support/describe-on-cloud.ts';
import { describeSameNumbers } from './same-numbers.ts';

/** Schemas have other names in each project: the server may be one that others use. */
export function describeSameNumbersOn(cloud: Cloud): void {
  describeOn(cloud, (server) => {
    let projects = 0;
    describeSameNumbers(cloud.name, async (timeZone) => {
      projects += 1;
      const suffix = projects;
      const warehouse = await server().open(timeZone);
      return {
        warehouse,
        settings: server().target,
        env: process.env,
        schema: (name) => server().schema(`${name}_${suffix}`),
        dispose: () => warehouse.close(),
      };
    });
  });
}
