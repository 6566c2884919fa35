import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type SandboxClient, sandboxClient } from './sandbox-client.ts';

const executablePath = findOnPath('chromium');
const hostile = `<img src=x onerror="document.title='owned'"><b>&"'`;

describe.skipIf(executablePath === undefined)(
  `the page in a browser${executablePath === undefined ? ' (skipped: no chromium on PATH)' : ''}`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    afterAll(() => browser.close());

    async function open(path: string, sandbox: SandboxClient, used?: Page): Promise<Page> {
      const page = used ?? (await browser.newPage());
      if (used === undefined) onTestFinished(() => page.close());
      const failures: string[] = [];
      page.on('pageerror', (error) => failures.push(error.message));
      page.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
      page.on('request', (request) => {
        if (!request.url().startsWith(sandbox.url)) failures.push(`asked ${request.url()}`);
      });
      const answer = await page.goto(sandbox.url + path);
      expect({ path, status: answer?.status(), failures }).toEqual({ path, status: 200, failures: [] });
      return page;
    }

    async function filled(): Promise<SandboxClient & { ids: readonly string[] }> {
      const sandbox = await sandboxClient({ portalId: 12345678 });
      const group = { name: 'scoreline', label: 'Scoreline' };
      await sandbox.call('POST', '/crm/v3/properties/contacts/groups', group);
      const score = { name: 'lead_score', label: 'Lead score', type: 'number', fieldType: 'number' };
      await sandbox.call('POST', '/crm/v3/properties/contacts', {
        ...score,
        groupName: 'scoreline',
        description: hostile,
      });
      const people = Array.from({ length: 120 }, (_, n) => ({
        email: `p${n}@example.com`,
        firstname: n === 7 ? hostile : 'Ada',
        lastname: `Number ${n}`,
      }));
      const ids = await sandbox.seed('contacts', ...people);
      for (const value of ['10', '90']) {
        sandbox.clock.advance(60_000);
        await sandbox.batch('contacts update', [{ id: ids[7], properties: { lead_score: value } }]);
      }
      await sandbox.call('POST', '/crm/v3/lists', { name: hostile, objectTypeId: '0-1', processingType: 'MANUAL' });
      await sandbox.call('PUT', '/crm/v3/lists/1/memberships/add', ids.slice(0, 60));
      return { ...sandbox, ids };
    }

    test('leads from the overview to records, page by page', async () => {
      const sandbox = await filled();
      const page = await open('/', sandbox);
      expect(await page.locator('header').innerText()).toContain('Portal 12345678');
      expect(await page.locator('.tile').first().innerText()).toContain('120');
      await page.getByRole('link', { name: 'Contacts', exact: true }).click();
      expect(await page.locator('tbody tr').count()).toBe(50);
      await page.getByText('Next →').click();
      await page.getByText('Next →').click();
      expect(await page.locator('tbody tr').count()).toBe(20);
      expect(await page.locator('.pager').innerText()).toContain('101–120 of 120');
      await page.getByText('← Previous').click();
      expect(await page.locator('.pager').innerText()).toContain('51–100 of 120');
    });

    test('finds a record, sorts by score, and shows a record with its history', async () => {
      const sandbox = await filled();
      const page = await open('/objects/contacts', sandbox);
      await page.getByRole('link', { name: 'Lead score' }).click();
      expect(await page.locator('tbody tr').first().innerText()).toContain('p7@example.com');
      await page.getByRole('searchbox').fill('P99@');
      await page.getByRole('button', { name: 'Search' }).click();
      expect(await page.locator('tbody tr').allInnerTexts()).toEqual([expect.stringContaining('p99@example.com')]);
      await page.getByRole('searchbox').fill(sandbox.ids[7] ?? '');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.locator('tbody a').first().click();
      const row = page.locator('tr', { hasText: 'lead_score' });
      await row.getByText('2 entries').click();
      expect(await row.locator('li').allInnerTexts()).toEqual([
        '2026-05-04 12:02:00 · 90 · integration',
        '2026-05-04 12:01:00 · 10 · integration',
      ]);
      expect(await page.locator('h2').first().innerText()).toBe('Scoreline');
    });

    test('shows properties, lists with their members, and the request log', async () => {
      const sandbox = await filled();
      const properties = await open('/objects/contacts/properties', sandbox);
      expect(await properties.locator('table').first().innerText()).toContain('lead_score');
      const lists = await open('/lists', sandbox);
      await lists.locator('tbody a').first().click();
      expect(await lists.locator('.lead').innerText()).toContain('60 members');
      expect(await lists.locator('tbody tr').count()).toBe(50);
      const requests = await open('/requests', sandbox);
      expect(await requests.locator('tbody tr').first().innerText()).toContain('/crm/v3/lists/1/memberships/add');
      await requests.getByRole('searchbox').fill('batch/update');
      await requests.getByRole('button', { name: 'Show' }).click();
      expect(await requests.locator('tbody tr').count()).toBe(2);
      await requests.getByLabel('Status').selectOption('201');
      await requests.getByRole('button', { name: 'Show' }).click();
      expect(await requests.locator('tbody tr').count()).toBe(0);
    });

    test('shows markup in values as text', async () => {
      const sandbox = await filled();
      let page: Page | undefined;
      for (const path of [`/objects/contacts/records/${sandbox.ids[7]}`, '/lists/1', '/objects/contacts/properties']) {
        page = await open(path, sandbox, page);
        expect(await page.locator('main').innerText()).toContain(hostile);
        expect(await page.locator('main img').count()).toBe(0);
        expect(await page.title()).not.toBe('owned');
      }
    });

    test('is a whole page when there is nothing to show', async () => {
      const sandbox = await sandboxClient();
      let page: Page | undefined;
      for (const path of ['/', '/objects/deals', '/objects/deals/properties', '/lists', '/requests']) {
        page = await open(path, sandbox, page);
        expect(await page.locator('h1').count()).toBe(1);
      }
    });
  },
);

test('a page that is not there is a 404 in HTML', async () => {
  const { call } = await sandboxClient();
  for (const path of ['/objects/butterflies', '/objects/contacts/records/1', '/lists/9']) {
    const { status, headers } = await call('GET', path, undefined, {});
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('text/html');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  }
});

function findOnPath(program: string): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
