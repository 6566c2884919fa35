import { describe } from 'vitest';
import { describeBadInput } from '../contract/bad-input.ts';
import { snowflake } from '../support/cloud-server.ts';

describe.skipIf(snowflake.missing !== null)(`Snowflake ${snowflake.missing ?? ''}`, () => {
  describeBadInput(
    snowflake.name,
    async () => {
      const server = await snowflake.start();
      return { ...server, env: process.env, dispose: server.stop };
    },
    { list: 'array_construct(1, 2)' },
  );
});
