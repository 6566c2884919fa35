import type { StatementOptions } from '../port.ts';

const maxLabelLength = 63;

/**
 * Labels of a job, by which costs are summed up: `app` is always `scoreline`, `purpose` says what the statement is for.
 * Values have lower-case letters, digits, `_` and `-`, at most 63 of them
 * (https://cloud.google.com/bigquery/docs/labels-intro, checked 2026-11).
 */
export function jobLabels(options: StatementOptions | undefined): Record<string, string> {
  const purpose = slug(options?.purpose ?? '');
  return purpose === '' ? { app: 'scoreline' } : { app: 'scoreline', purpose };
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, maxLabelLength)
    .replace(/-+$/, '');
}
