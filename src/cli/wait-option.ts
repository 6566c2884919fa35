import type { Options } from 'yargs';

/** For commands that need what another run may hold. */
export const waitOption = {
  wait: {
    type: 'string',
    describe: 'Wait so long for another run that holds what this one needs, such as 10m (default: exit 8 at once)',
    requiresArg: true,
  },
} as const satisfies Record<string, Options>;
