import { describe } from 'vitest';
import { describeBadInput } from '../contract/bad-input.ts';
import { bigQuery } from '../support/cloud-server.ts';

describe.skipIf(bigQuery.missing !== null)(`BigQuery ${bigQuery.missing ?? ''}`, () => {
  describeBadInput(
    bigQuery.name,
    async () => {
      const server = await bigQuery.start();
      return { ...server, env: process.env, dispose: server.stop };
    },
    { list: '[1, 2]', refusesPunctuation: true },
  );
});
