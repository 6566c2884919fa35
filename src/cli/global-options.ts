import type { Options } from 'yargs';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Options that every command takes. */
export const globalOptions = {
  'project-dir': { type: 'string', describe: 'Folder of the project', default: '.', requiresArg: true },
  target: {
    type: 'string',
    describe: 'Target of config/scoreline.yml (default: its default_target)',
    requiresArg: true,
  },
  'as-of': {
    type: 'string',
    describe: "The run's instant: a date (00:00 in the project's time zone) or a time (default: now)",
    requiresArg: true,
  },
  param: {
    type: 'string',
    array: true,
    describe: 'Value of a parameter, as name=value; may be repeated',
    requiresArg: true,
  },
  output: {
    choices: ['table', 'json', 'markdown'] as const,
    describe: 'What stdout gets (default: table on a terminal, json in a pipe); markdown is for plans and comparisons',
    requiresArg: true,
  },
  'log-level': { choices: logLevels, default: 'info' as const, describe: 'How much stderr tells', requiresArg: true },
  'log-format': {
    choices: ['text', 'json'] as const,
    default: 'text' as const,
    describe: 'How stderr tells it',
    requiresArg: true,
  },
  yes: { type: 'boolean', default: false, describe: 'Answer every question with yes' },
} as const satisfies Record<string, Options>;

export interface GlobalOptions {
  readonly projectDir: string;
  readonly target?: string;
  readonly asOf?: string;
  readonly param: readonly string[];
  readonly output?: 'table' | 'json' | 'markdown';
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
  readonly yes: boolean;
  /** Of the commands that have `waitOption`. */
  readonly wait?: string;
}
