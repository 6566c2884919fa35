import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { SandboxCore } from '../sandbox-core.ts';
import { type Html, layout } from './layout.ts';
import { listPage, listsPage } from './lists-page.ts';
import { overviewPage } from './overview-page.ts';
import { propertiesPage } from './properties-page.ts';
import { recordPage } from './record-page.ts';
import { recordsPage } from './records-page.ts';
import { requestsPage } from './requests-page.ts';

/** The page to look at: HTML made here, without a script and without anything from elsewhere. */
export function pageApp(core: SandboxCore): Hono {
  const app = new Hono();
  app.get('/', (c) => show(c, overviewPage(core, new URL(c.req.url).origin)));
  app.get('/objects/:type', (c) => {
    const type = core.account.findType(c.req.param('type'));
    return type === undefined ? missing(core, c) : show(c, recordsPage(core, type, c.req.query()));
  });
  app.get('/objects/:type/properties', (c) => {
    const type = core.account.findType(c.req.param('type'));
    return type === undefined ? missing(core, c) : show(c, propertiesPage(core, type));
  });
  app.get('/objects/:type/records/:id', (c) => {
    const type = core.account.findType(c.req.param('type'));
    const id = c.req.param('id');
    const record = type?.records.get(id) ?? type?.records.getArchived(id) ?? type?.records.getSurvivor(id);
    return type === undefined || record === undefined ? missing(core, c) : show(c, recordPage(core, type, record));
  });
  app.get('/lists', (c) => show(c, listsPage(core)));
  app.get('/lists/:id', (c) => {
    const list = core.account.findList(c.req.param('id'));
    return list === undefined ? missing(core, c) : show(c, listPage(core, list, c.req.query()));
  });
  app.get('/requests', (c) => show(c, requestsPage(core, c.req.query())));
  app.get('/favicon.ico', (c) => c.body(null, 204));
  return app;
}

function missing(core: SandboxCore, c: Context): Response | Promise<Response> {
  const body: Html = html`<h1>Not here</h1><p class="lead">There is nothing at <code>${c.req.path}</code>.</p>`;
  return show(c, layout(core, { title: 'Not here', here: '' }, body), 404);
}

/** A value from HubSpot's side is escaped; should one ever slip through, the browser still runs nothing. */
function show(c: Context, page: Html, status: 200 | 404 = 200): Response | Promise<Response> {
  c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'");
  c.header('Cache-Control', 'no-store');
  return c.html(page, status);
}
