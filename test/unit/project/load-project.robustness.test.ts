import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScorelineError } from '../../../src/errors/scoreline-error.ts';
import { loadProject } from '../../../src/project/load-project.ts';
import { smallProject, writeFiles, writeProject } from '../../support/project-files.ts';

const yamlFiles = Object.entries(smallProject).flatMap(([path, text]) =>
  path.endsWith('.yml') && typeof text === 'string' ? [{ path, text }] : [],
);
const projectDir = writeProject(smallProject);

/** Words that mean something to YAML or to the format, and some that mean nothing. */
const scraps = fc.oneof(
  fc.constantFrom(
    '',
    '-',
    ':',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|',
    '&a',
    '*a',
    '<<: *a',
    '\t',
    '#',
    '---',
    '~',
    '!x',
    `\${X}`,
  ),
  fc.constantFrom('{{ param("x") }}', "{{ ref('leads') }}", 'null', 'true', '3', '.nan', '__proto__', 'constructor'),
  fc.constantFrom('kind: scorecard', 'rules:', 'points: x', 'tiers: [a]', 'targets:', 'properties: 3', 'where: 1'),
  fc.string({ maxLength: 8 }),
);

/** One or more places of a text replaced, taken out or repeated. */
const damages = fc.array(fc.record({ at: fc.nat(2000), length: fc.nat(30), scrap: scraps }), {
  minLength: 1,
  maxLength: 3,
});

test('any damage to a file ends as a project or as problems with their places, never as a crash', () => {
  fc.assert(
    fc.property(fc.constantFrom(...yamlFiles), damages, ({ path, text }, damage) => {
      const damaged = damage.reduce((whole, { at, length, scrap }) => {
        const start = at % (whole.length + 1);
        return whole.slice(0, start) + scrap + whole.slice(start + length);
      }, text);
      writeFiles(projectDir, { [path]: damaged });
      try {
        expect(loadProject({ projectDir, env: {} }).models.size).toBeGreaterThan(0);
      } catch (cause) {
        if (!(cause instanceof ScorelineError)) throw cause;
        expect(cause.exitCode).toBe(3);
        expect(cause.problems.length).toBeGreaterThan(0);
        for (const { file, line = 1, column = 1, message } of cause.problems) {
          expect(file).toMatch(/^(config|models|sql|syncs)/);
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(message).not.toMatch(/undefined|\[object|Invalid input/);
        }
      } finally {
        writeFiles(projectDir, { [path]: text });
      }
    }),
    { numRuns: 100 },
  );
});
