import { describe, expect, test } from 'vitest';
import { loadProject } from '../../../src/project/load-project.ts';
import { minimalConfig, writeProject } from '../../support/project-files.ts';

function retentionOf(lines: string) {
  const dir = writeProject({ 'config/scoreline.yml': `${minimalConfig}${lines}` });
  return loadProject({ projectDir: dir, env: {} }).retention;
}

describe('retention', () => {
  test('has defaults', () => {
    const defaults = { ledgerDays: 90, plansDays: 30, rejectionsDays: 90, runsDays: 365 };
    expect(retentionOf('')).toEqual(defaults);
    expect(retentionOf('retention:\n')).toEqual(defaults);
  });

  test('counts days and weeks, and leaves what is not named at its default', () => {
    expect(retentionOf('retention: { ledger: 2w, runs: 400d }\n')).toEqual({
      ledgerDays: 14,
      plansDays: 30,
      rejectionsDays: 90,
      runsDays: 400,
    });
  });

  test.each(['12h', '0d', '90', 'forever'])('refuses %s', (written) => {
    expect(() => retentionOf(`retention: { ledger: ${written} }\n`)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });

  test('refuses what is not kept', () => {
    expect(() => retentionOf('retention: { snapshot: 3d }\n')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
