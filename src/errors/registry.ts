/**
 * Every error that Scoreline raises on purpose, with its exit code. The README's table is made from this object and a
 * test keeps the two equal. A code is never reused for another meaning.
 */

export interface ErrorEntry {
  readonly exitCode: ExitCode;
  /** One sentence: what this code means, whatever the message says of the single case. */
  readonly meaning: string;
  /** What to do next, where the place that raises the error knows nothing better. */
  readonly hint: string;
  readonly retryable?: boolean;
}

/** 0 and 1 are not here: 0 is no error, and 1 is whatever is not in the registry (a bug). */
export type ExitCode = 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 130;

export const errorRegistry = {
  USAGE_INVALID: {
    exitCode: 2,
    meaning: 'The command line is wrong.',
    hint: 'Run `scoreline --help`, or `scoreline <command> --help`.',
  },
  USAGE_NOT_SUPPORTED: {
    exitCode: 2,
    meaning: 'The command or option is planned but not built yet.',
    hint: 'Run `scoreline --help` for what this version can do.',
  },
  CONFIG_NOT_FOUND: {
    exitCode: 3,
    meaning: 'The folder is no Scoreline project.',
    hint: 'Run `scoreline init <dir>`, or name a project with --project-dir.',
  },
  CONFIG_INVALID: {
    exitCode: 3,
    meaning: 'A project file does not parse or has wrong keys, values or references.',
    hint: 'Fix the places listed; `scoreline check --offline` lists them again without asking anybody.',
  },
  CONFIG_ENV_MISSING: {
    exitCode: 3,
    meaning: 'A project file reads an environment variable that is not set.',
    hint: 'Set the variable, or name another target with --target.',
  },
  CONFIG_NOT_SUPPORTED: {
    exitCode: 3,
    meaning: 'A key of a project file is planned but not built yet.',
    hint: 'Remove the key, or use a version that has it.',
  },
  MODEL_INVALID: {
    exitCode: 3,
    meaning: 'A model, its SQL template, a parameter or a reference is wrong.',
    hint: 'Fix the places listed; `scoreline compile <model>` shows the SQL of one model.',
  },
  MODEL_CYCLE: {
    exitCode: 3,
    meaning: 'Models read each other in a circle.',
    hint: 'Remove one of the references named.',
  },
  SYNC_INVALID: {
    exitCode: 3,
    meaning: 'A sync names something that its model or HubSpot does not have, or two syncs write one property.',
    hint: 'Fix the places listed.',
  },
  WAREHOUSE_UNREACHABLE: {
    exitCode: 4,
    meaning: 'The warehouse cannot be reached or opened.',
    hint: 'Check the target in config/scoreline.yml.',
    retryable: true,
  },
  WAREHOUSE_REFUSED: {
    exitCode: 4,
    meaning: 'The warehouse refused a statement.',
    hint: 'Run `scoreline compile <model>` and try the statement by hand.',
  },
  DESTINATION_UNREACHABLE: {
    exitCode: 5,
    meaning: 'HubSpot cannot be reached, or did not answer in time, after all retries.',
    hint: 'Check the network, and HUBSPOT_BASE_URL where it is set; then run again: what was accepted is remembered.',
    retryable: true,
  },
  DESTINATION_UNAUTHORIZED: {
    exitCode: 5,
    meaning: 'HubSpot does not accept the access token.',
    hint: 'Check the token of the target: is it whole, and of the right account?',
  },
  DESTINATION_FORBIDDEN: {
    exitCode: 5,
    meaning: 'The access token lacks a scope.',
    hint: 'Give the private app or service key what it lacks, then run again.',
  },
  DESTINATION_REFUSED: {
    exitCode: 5,
    meaning: 'HubSpot refused a request for good.',
    hint: 'Read the message; HubSpot support finds the request by its correlation id.',
  },
  DESTINATION_LIMIT: {
    exitCode: 5,
    meaning: 'The HubSpot account has no room for the records that a plan creates; nothing was written.',
    hint: 'Make room in HubSpot, create fewer (`mode: update` creates none), or raise the limit of the account.',
  },
  DESTINATION_PORTAL: {
    exitCode: 10,
    meaning: 'The access token belongs to another HubSpot account than `portal_id` says.',
    hint: 'Use the token of the account named, or change `portal_id`.',
  },
  GUARD_TEST_FAILED: {
    exitCode: 6,
    meaning: 'A model did not pass its tests; the live table stays as it was.',
    hint: 'Look at the example rows, then fix the data or the test.',
  },
  GUARD_STALE_SOURCE: {
    exitCode: 6,
    meaning:
      'A source that models read was not loaded for longer than its `error_after`; nothing was built or written.',
    hint: 'Find out why nothing was loaded, then run again.',
  },
  GUARD_UNIT_TEST: {
    exitCode: 6,
    meaning: 'A model does not yield what a unit test expects; nothing was built.',
    hint: 'Look at the rows that differ, then mend the model or the test.',
  },
  GUARD_VIOLATED: {
    exitCode: 6,
    meaning: 'A plan goes above a limit of its sync (`guards`); nothing was written.',
    hint: 'Look at the plan. If it is right, let it through with `--override <guard>="<reason>"`, or raise the limit in the sync.',
  },
  GUARD_FIRST_SYNC: {
    exitCode: 6,
    meaning: 'A sync is about to write to HubSpot for the first time, and nobody said yes; nothing was written.',
    hint: 'Look at `scoreline plan`, then answer the question, or give --yes.',
  },
  GUARD_DRIFT: {
    exitCode: 6,
    meaning: 'An audit with --fail-on-drift found that HubSpot does not hold what Scoreline wrote.',
    hint: 'Look at the causes; `--fix` puts it back.',
  },
  RUN_REJECTED: {
    exitCode: 7,
    meaning: 'The run finished, and rows were refused for the first time; rows known to be refused are a warning.',
    hint: 'Run `scoreline rejected` for the rows and reasons; each is tried again after a pause, and when its values change. One whose record was deleted in HubSpot is left alone, and made again where its sync says `recreate: true`.',
  },
  RUN_CANARY: {
    exitCode: 7,
    meaning: 'Too many of the rows that are written first (`canary`) failed; the rest was not sent.',
    hint: 'Look at the rows that failed, then run again: other rows are then tried first.',
  },
  RUN_BUSY: {
    exitCode: 8,
    meaning: 'Another process holds what this one needs.',
    hint: 'Wait until it is done, then run again.',
    retryable: true,
  },
  RUN_DEFERRED: {
    exitCode: 9,
    meaning: 'The run finished in part; the rest is left for the next run.',
    hint: 'Run again later.',
    retryable: true,
  },
  STATE_STALE_PLAN: {
    exitCode: 10,
    meaning: 'The plan was made from a model or a snapshot that is no longer the current one.',
    hint: 'Make a new plan.',
  },
  STATE_PLAN_FILE: {
    exitCode: 10,
    meaning: 'The file is no plan, or was changed after it was written.',
    hint: 'Make a new one with `scoreline plan --out FILE`.',
  },
  STATE_VERSION: {
    exitCode: 10,
    meaning: 'The state schema was made by another version of Scoreline.',
    hint: 'Use the version named.',
  },
  STATE_OLDER_AS_OF: {
    exitCode: 10,
    meaning: 'The run asks for scores of an instant before those that HubSpot accepted last.',
    hint: 'Run without --as-of, or with --allow-older if HubSpot is to hold the older scores. A run that had no --as-of follows one whose clock was ahead.',
  },
  STATE_PRUNED: {
    exitCode: 10,
    meaning: 'What a command needs was removed from the state, as `retention` says.',
    hint: 'A longer `retention: { ledger: … }` keeps later runs for longer; what is gone is gone.',
  },
  STATE_SANDBOX_FILE: {
    exitCode: 10,
    meaning: 'The file that keeps the local HubSpot cannot be used.',
    hint: 'Name another file, or delete this one: the local HubSpot then begins anew, as another account.',
  },
  RUN_INTERRUPTED: {
    exitCode: 130,
    meaning: 'The run was interrupted; it is safe to run again.',
    hint: 'Run again: what was accepted is remembered.',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorRegistry;
