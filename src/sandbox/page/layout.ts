import { html, raw } from 'hono/html';
import type { SandboxCore } from '../sandbox-core.ts';
import { styles } from './styles.ts';

/** Escaped HTML, or the promise of it, as Hono's `html` gives it. */
export type Html = ReturnType<typeof html>;

export interface PageFrame {
  readonly title: string;
  /** Path of the page's place in the navigation. */
  readonly here: string;
}

/** @returns a whole page with the navigation above `body` */
export function layout(core: SandboxCore, { title, here }: PageFrame, body: Html): Html {
  const { portalId, accountType } = core.account.identity;
  const places = [
    ['/', 'Overview'],
    ...core.account.types.map(({ names }) => [`/objects/${names.name}`, capitalised(names.name)] as const),
    ['/lists', 'Lists'],
    ['/requests', 'Requests'],
  ] as const;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Scoreline sandbox</title>
<style>${raw(styles)}</style>
</head>
<body>
<header><div class="inner">
<a class="brand" href="/"><span></span>Scoreline sandbox</a>
<nav>${places.map(([path, label]) => html`<a href="${path}"${path === here ? html` class="here" aria-current="page"` : ''}>${label}</a>`)}</nav>
<div class="portal">Portal ${portalId} · ${accountType}</div>
</div></header>
<main>${body}</main>
</body>
</html>`;
}

/** @returns an instant in the account's time zone, to the minute */
export function localMinute(core: SandboxCore, atMs: number): string {
  return localTime(core, atMs).slice(0, -3);
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @returns an instant in the account's time zone, to the second */
export function localTime(core: SandboxCore, atMs: number): string {
  const { timeZone } = core.account.identity;
  return new Date(atMs).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** A value, or a dash where there is none. */
export function valueOrDash(value: string | null | undefined): Html {
  return value ? html`${value}` : html`<span class="none">–</span>`;
}
