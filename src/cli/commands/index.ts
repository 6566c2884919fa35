import type { Command } from '../command.ts';
import { buildCommand } from './build.ts';
import { checkCommand } from './check.ts';
import { compileCommand } from './compile.ts';
import { explainCommand } from './explain.ts';
import { initCommand } from './init.ts';
import { planCommand } from './plan.ts';
import { runCommand } from './run.ts';
import { sandboxCommand } from './sandbox.ts';
import { schemaCommand } from './schema.ts';

/** In the order in which a new user needs them; each loads its operation when it runs, so that `--help` stays quick. */
export const commands: readonly Command[] = [
  initCommand,
  checkCommand,
  compileCommand,
  buildCommand,
  planCommand,
  runCommand,
  explainCommand,
  sandboxCommand,
  schemaCommand,
];

/** Commands of the design that this version does not have: refused by name. */
export const plannedCommands: readonly string[] = [
  'test',
  'apply',
  'status',
  'rejected',
  'diff',
  'backfill',
  'audit',
  'rollback',
  'forget',
  'evaluate',
  'tune',
  'serve',
  'report',
  'schedule',
  'doctor',
  'grants',
];
