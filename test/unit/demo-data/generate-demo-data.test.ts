import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoData, demoAsOf, generateDemoData } from '../../../src/sandbox/demo-data/generate-demo-data.ts';

let dir: string;
let data: DemoData;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'scoreline-demo-'));
  data = await generateDemoData({ dir: join(dir, 'here') });
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const textOf = (name: string) => readFileSync(join(dir, 'here', name), 'utf8');

describe('generateDemoData', () => {
  it('makes the same bytes in another process, time zone and language', () => {
    const there = join(dir, 'there');
    const module = new URL('../../../src/sandbox/demo-data/generate-demo-data.ts', import.meta.url).href;
    const script = `const { generateDemoData } = await import(${JSON.stringify(module)});
      await generateDemoData({ dir: ${JSON.stringify(there)} });`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    });
    for (const file of data.files) {
      expect(readFileSync(join(there, basename(file))).equals(readFileSync(file)), basename(file)).toBe(true);
    }
  });

  it('makes about 5,000 people, 400 accounts and a quarter of a million events, and counts them', () => {
    const { accounts, people, page_views, form_fills, email_events, product_events } = data.counts;
    expect({ accounts, people }).toEqual({ accounts: 400, people: 5000 });
    const events = [page_views, form_fills, email_events, product_events].map((count) => count ?? 0);
    const total = events.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(225_000);
    expect(total).toBeLessThan(275_000);
    expect(textOf('page_views.csv').split('\n')).toHaveLength((page_views ?? 0) + 2);
  });

  it('says that the data is made up and until when it goes', () => {
    expect(textOf('README.txt')).toContain('made up');
    expect(textOf('README.txt')).toContain(demoAsOf);
  });

  it('uses no domain that anyone could own', () => {
    const texts = data.files.filter((path) => path.endsWith('.csv')).map((path) => readFileSync(path, 'utf8'));
    const written = texts.flatMap((text) => [...text.matchAll(/(?:@|\/\/)([a-z0-9.-]+)/gi)]);
    const domains = new Set(written.map(([, domain = '']) => domain.toLowerCase()));
    expect(domains.size).toBeGreaterThan(300);
    expect([...domains].filter((domain) => !domain.endsWith('.example'))).toEqual([]);
  });

  it('lets only a few clocks run ahead of the end of the history', () => {
    const ahead = ['page_views.csv', 'product_events.csv', 'email_events.csv', 'form_fills.csv'].flatMap((name) =>
      [...textOf(name).matchAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g)].filter(([at]) => at >= demoAsOf),
    );
    expect(ahead.length).toBeGreaterThan(10);
    expect(ahead.length).toBeLessThan(100);
  });
});
