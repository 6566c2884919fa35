import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { routes } from './api/routes.ts';
import { controlApp } from './control/control-app.ts';
import { pageApp } from './page/page-app.ts';
import type { SandboxCore } from './sandbox-core.ts';
import type { Pauses } from './traffic/pauses.ts';
import { serveApi } from './traffic/serve-api.ts';

/** Puts HubSpot's endpoints, the control endpoints and the page behind one address. */
export function sandboxApp(core: SandboxCore, pauses: Pauses): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const route of routes) {
    app.on(route.method, [...route.paths], (context) => serveApi(core, pauses, context, route));
  }
  app.route('/_sandbox', controlApp(core));
  app.route('/', pageApp(core));
  app.all('*', (context) => serveApi(core, pauses, context, undefined));
  // What is left are connections that broke while a body was read, and a disk that took no more.
  app.onError((error, context) =>
    context.json({ status: 'error', message: `The sandbox itself failed: ${error.message}` }, 500),
  );
  return app;
}
