import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const script = (statements: string) => `
  import { createRequire } from 'node:module';
  const { connectHubSpot } = await import('./src/hubspot/connect-hubspot.ts');
  ${statements}
  const files = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('@hubspot'));
  process.stdout.write(JSON.stringify(files));
`;

/** The files of HubSpot's client that a process loads which runs the statements. */
function filesLoadedBy(statements: string): readonly string[] {
  const args = ['--input-type=module', '--eval', script(statements)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as string[];
}

const connect = `const hubspot = connectHubSpot({ baseUrl: 'http://127.0.0.1:1', token: 't', apiVersion: 'v3', dailyReserveRatio: 0 });`;

describe("HubSpot's client", () => {
  it('is not loaded before the first call that needs it', () => {
    expect(filesLoadedBy(connect)).toEqual([]);
  });

  it('is loaded by area, and never as a whole', () => {
    const resolve = `await hubspot.records.resolve({ object: 'contacts', property: 'email', values: ['a@b.example'], properties: [] }, AbortSignal.abort()).catch(() => undefined);`;
    const files = filesLoadedBy(connect + resolve);
    expect(files.some((file) => file.includes('codegen/crm/objects'))).toBe(true);
    expect(
      files.filter((file) => /codegen\/crm\/(?!objects)|lib\/src\/(discovery|services\/decorators)/.test(file)),
    ).toEqual([]);
  });
});
