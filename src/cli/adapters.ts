import type { HubSpotEvent } from '../hubspot/hubspot-event.ts';
import type { HubSpot } from '../hubspot/types.ts';
import type { LogEntry, Report } from '../operations/report.ts';
import type { Adapters } from '../operations/workspace.ts';
import type { HubSpotSettings } from '../project/types.ts';
import { openWarehouse } from '../warehouse/open-warehouse.ts';

/** The real outside world; what talks to HubSpot is loaded by who needs it, as commands that ask nobody do not. */
export const adapters: Adapters = {
  openWarehouse: (settings, options) =>
    openWarehouse(settings, { ...options, isAttended: process.stdin.isTTY && process.stderr.isTTY }),
  async connectHubSpot(settings, report) {
    if (settings.kind === 'sandbox') return startInJobSandbox(settings, report);
    const { connectHubSpot } = await import('../hubspot/connect-hubspot.ts');
    return connectHubSpot({ ...settings, onEvent: (event) => report(logEntryOf(event)) });
  },
};

/** A HubSpot that lives as long as the command, over real HTTP; its records stay in a file beside the warehouse. */
async function startInJobSandbox(
  { statePath }: Extract<HubSpotSettings, { kind: 'sandbox' }>,
  report: Report,
): Promise<HubSpot> {
  const [{ startSandbox }, { connectHubSpot }] = await Promise.all([
    import('../sandbox/start-sandbox.ts'),
    import('../hubspot/connect-hubspot.ts'),
  ]);
  const sandbox = await startSandbox({ statePath });
  report({
    level: 'debug',
    event: 'sandbox_started',
    message: `local HubSpot at ${sandbox.url}, kept in ${statePath}`,
  });
  const hubspot = connectHubSpot({
    baseUrl: sandbox.url,
    token: sandbox.token,
    apiVersion: 'v3',
    dailyReserveRatio: 0,
    onEvent: (event) => report(logEntryOf(event)),
  });
  return {
    ...hubspot,
    async close() {
      await hubspot.close();
      await sandbox.close();
    },
  };
}

function logEntryOf(event: HubSpotEvent): LogEntry {
  switch (event.kind) {
    case 'call': {
      const { method, path, status, durationMs } = event;
      const figures = { status, duration_ms: Math.round(durationMs) };
      return { level: 'debug', event: 'hubspot_call', message: `${method} ${path} ${status}`, figures };
    }
    case 'retry': {
      const { method, path, reason, attempt, waitMs } = event;
      const message = `${method} ${path}: ${reason}; again in ${(waitMs / 1000).toFixed(1)} s`;
      return { level: 'info', event: 'hubspot_retry', message, figures: { attempt, wait_ms: Math.round(waitMs) } };
    }
    case 'burst-learnt': {
      const message = `HubSpot takes ${event.burstPer10s} requests in 10 s`;
      return { level: 'debug', event: 'hubspot_burst_learnt', message, figures: { burst_per_10s: event.burstPer10s } };
    }
    case 'batch-split': {
      const message = `HubSpot refused ${event.records} records together (${event.reason}); sending them in halves`;
      return { level: 'info', event: 'hubspot_batch_split', message, figures: { records: event.records } };
    }
    default:
      return event satisfies never;
  }
}
