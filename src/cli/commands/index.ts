import type { Command } from '../command.ts';
import { applyCommand } from './apply.ts';
import { auditCommand } from './audit.ts';
import { backfillCommand } from './backfill.ts';
import { buildCommand } from './build.ts';
import { checkCommand } from './check.ts';
import { compileCommand } from './compile.ts';
import { diffCommand } from './diff.ts';
import { docsCommand } from './docs.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { forgetCommand } from './forget.ts';
import { grantsCommand } from './grants.ts';
import { initCommand } from './init.ts';
import { planCommand } from './plan.ts';
import { rejectedCommand } from './rejected.ts';
import { rollbackCommand } from './rollback.ts';
import { runCommand } from './run.ts';
import { sandboxCommand } from './sandbox.ts';
import { schemaCommand } from './schema.ts';
import { statusCommand } from './status.ts';
import { testCommand } from './test.ts';

/** In the order in which a new user needs them; each loads its operation when it runs, so that `--help` stays quick. */
export const commands: readonly Command[] = [
  initCommand,
  checkCommand,
  compileCommand,
  buildCommand,
  testCommand,
  planCommand,
  runCommand,
  applyCommand,
  statusCommand,
  rejectedCommand,
  auditCommand,
  rollbackCommand,
  forgetCommand,
  explainCommand,
  diffCommand,
  backfillCommand,
  docsCommand,
  doctorCommand,
  grantsCommand,
  sandboxCommand,
  schemaCommand,
];

/** Commands of the design that this version does not have: refused by name. */
export const plannedCommands: readonly string[] = ['evaluate', 'tune', 'serve', 'report', 'schedule'];
