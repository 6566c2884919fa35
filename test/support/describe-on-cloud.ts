import { afterAll, beforeAll, describe } from 'vitest';
import type { Cloud, CloudServer } from './cloud-server.ts';

/** A suite with a server of its own, skipped where there is none. @param suite is given the server as tests and hooks see it */
export function describeOn({ name, missing, start }: Cloud, suite: (server: () => CloudServer) => void): void {
  describe.skipIf(missing !== null)(`${name} ${missing ?? ''}`, () => {
    let server: CloudServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());

    suite(() => server);
  });
}
