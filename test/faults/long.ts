import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';
import fc from 'fast-check';
import { checkCase } from './check-case.ts';
import { faultCase } from './fault-case.ts';
import { addTo, describe, nothingYet, type Survived } from './survived.ts';

/*
 * `npm run test:faults [-- --cases 1000 --seed 1]`: random data, faults, kills and restarts until as many cases have
 * passed; prints what they survived. The first case that does not pass is printed with its seed, and ends it with 1.
 */
const { values } = parseArgs({
  options: { cases: { type: 'string', default: '1000' }, seed: { type: 'string' }, share: { type: 'boolean' } },
});
const cases = Number(values.cases);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const casesPerShare = 25;

if (values.share === true) await runShare();
else await runAll();

/** A process of its own, so that all cores work, and no process grows old. */
async function runShare(): Promise<void> {
  const survived = nothingYet();
  const property = fc.asyncProperty(faultCase, (each) => checkCase(each, survived));
  const details = await fc.check(property, { numRuns: cases, seed, endOnFailure: true });
  if (details.failed) {
    process.stderr.write(`${await fc.asyncDefaultReportMessage(details)}\n${inspect(details.errorInstance)}\n`);
  }
  process.send?.({ survived, failed: details.failed });
  process.disconnect?.();
}

async function runAll(): Promise<void> {
  const startedMs = performance.now();
  const total = nothingYet();
  let next = 0;
  let failed = false;
  const work = async () => {
    while (!failed && next * casesPerShare < cases) {
      const share = next;
      next += 1;
      const size = Math.min(casesPerShare, cases - share * casesPerShare);
      const child = fork(fileURLToPath(import.meta.url), [
        '--share',
        ...['--cases', String(size)],
        ...['--seed', String(seed + share)],
      ]);
      child.on('message', (message: { survived: Survived; failed: boolean }) => {
        addTo(total, message.survived);
        failed ||= message.failed;
      });
      const [code] = await once(child, 'close');
      failed ||= code !== 0;
      process.stderr.write(`${total.cases} of ${cases} cases\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  process.stdout.write(
    `${describe(total)}\n  seed ${seed}, ${seconds} s; again: npm run test:faults -- --cases ${cases} --seed ${seed}\n`,
  );
  process.exitCode = failed ? 1 : 0;
}
