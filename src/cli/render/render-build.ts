import type { BuiltModel } from '../../build/build-event.ts';
import { formatBytes, formatCounted, formatSeconds } from './format.ts';
import type { Painter } from './painter.ts';
import { renderTable } from './render-table.ts';

/** What a build made: one line a model. */
export function renderBuild(models: readonly BuiltModel[], paint: Painter): string {
  if (models.length === 0) return 'The project has no models: nothing was built.';
  const hasWarnings = models.some(({ tests }) => tests.some(({ passed }) => !passed));
  const hasBytes = models.some(({ bytesRead }) => bytesRead !== null);
  const rows = models.map(({ model, materialize, rows, bytesRead, tests, seconds }) => [
    model,
    materialize,
    rows,
    ...(hasBytes ? [bytesRead === null ? '' : formatBytes(bytesRead)] : []),
    tests.filter(({ passed }) => passed).length,
    ...(hasWarnings ? [tests.filter(({ passed }) => !passed).length || null] : []),
    seconds.toFixed(2),
  ]);
  const read = hasBytes ? ['read'] : [];
  const head = ['model', 'as', 'rows', ...read, 'tests passed', ...(hasWarnings ? ['warnings'] : []), 'seconds'];
  const seconds = models.reduce((sum, model) => sum + model.seconds, 0);
  return [
    renderTable(head, rows),
    paint.dim(`  ${formatCounted(models.length, 'model')} in ${formatSeconds(seconds)}`),
  ].join('\n\n');
}
