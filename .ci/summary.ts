// Prints what was skipped and, as the last line, the counts over all suites given as vitest's JSON reports.
import { readFileSync } from 'node:fs';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const counts = { passed: 0, failed: 0, skipped: 0 };
/** A file that is in several suites counts in the first; within a suite it may be there once per warehouse. */
const counted = new Set<string>();
for (const path of process.argv.slice(2)) {
  const report: Report = JSON.parse(readFileSync(path, 'utf8'));
  for (const file of report.testResults) {
    if (counted.has(file.name)) continue;
    // A file that does not load has no tests to count, and still has failed.
    if (file.status === 'failed' && file.assertionResults.length === 0) counts.failed += 1;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else {
        counts.skipped += 1;
        process.stdout.write(`skipped: ${test.fullName}\n`);
      }
    }
  }
  for (const { name } of report.testResults) counted.add(name);
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
