import { basename, dirname, extname, join, resolve } from 'node:path';
import { type ProblemText, problemAt } from '../files/problem-at.ts';
import type { HubSpotSettings, SourceOverride, Target } from '../types.ts';
import type { WarehouseSettings } from '../warehouse-types.ts';
import { checkTargetSources } from './check-target-sources.ts';
import { readWarehouse } from './read-warehouse.ts';
import type { TargetRequest } from './target-request.ts';

const hubSpotAddress = 'https://api.hubapi.com';

/** @returns null where it has problems, or lacks what another environment would give it */
export function readTarget(request: TargetRequest): Target | null {
  const { name, shape, projectDir } = request;
  checkTargetSources(request);
  const warehouse = readWarehouse(request);
  const hubspot = warehouse === null ? null : readHubSpot(request, warehouse);
  if (warehouse === null || hubspot === null) return null;
  const sources = Object.entries(shape.sources ?? {}).map(([source, { database, schema, files }]) => {
    const paths = Object.entries(files ?? {}).map(([table, path]) => [table, filePath(projectDir, path)] as const);
    const override: SourceOverride = { database, schema, files: new Map(paths) };
    return [source, override] as const;
  });
  return {
    name,
    warehouse,
    hubspot,
    propertyPrefix: shape.hubspot.property_prefix,
    schema: shape.schema,
    sources: new Map(sources),
    params: shape.params ?? {},
  };
}

function readHubSpot(request: TargetRequest, warehouse: WarehouseSettings): HubSpotSettings | null {
  const { name, shape, yaml, env, isSelected, report } = request;
  const { sandbox, token, portal_id: portalId, burst_per_10s: burstPer10s } = shape.hubspot;
  const refuse = (problem: ProblemText): null => {
    report({ ...problemAt(yaml, ['targets', name, 'hubspot'], problem), value: undefined });
    return null;
  };
  if (sandbox !== true && token === undefined) {
    return refuse({ code: 'CONFIG_INVALID', message: '`hubspot` has no `token`: expected one, or `sandbox: true`' });
  }
  const address = env.HUBSPOT_BASE_URL || undefined;
  if (sandbox === true && address === undefined) {
    return { kind: 'sandbox', statePath: statePath(request, warehouse) };
  }
  if (address !== undefined && !isHttpAddress(address)) {
    if (!isSelected) return null;
    return refuse({
      code: 'CONFIG_INVALID',
      message: 'the environment variable HUBSPOT_BASE_URL is no address: expected one such as http://127.0.0.1:8080',
    });
  }
  // A sandbox that HUBSPOT_BASE_URL switched off has no token of its own.
  const accessToken = token ?? (env.HUBSPOT_ACCESS_TOKEN || undefined);
  if (accessToken === undefined) {
    if (!isSelected) return null;
    return refuse({
      code: 'CONFIG_ENV_MISSING',
      message: 'HUBSPOT_BASE_URL is set, so an account takes the place of the sandbox, and its token is missing',
      hint: 'Set HUBSPOT_ACCESS_TOKEN, or unset HUBSPOT_BASE_URL.',
    });
  }
  return {
    kind: 'account',
    token: accessToken,
    baseUrl: (address ?? hubSpotAddress).replace(/\/+$/, ''),
    portalId,
    burstPer10s,
    membersPerCall: shape.hubspot.members_per_call,
    dailyReserveRatio: shape.hubspot.daily_reserve,
    apiVersion: shape.hubspot.api_version,
  };
}

/** Beside the DuckDB file: `demo.duckdb` has its records in `demo.hubspot.json`; else `.scoreline/<target>.hubspot.json`. */
function statePath({ name, projectDir }: TargetRequest, warehouse: WarehouseSettings): string {
  if (warehouse.type !== 'duckdb') return join(projectDir, '.scoreline', `${name}.hubspot.json`);
  return join(dirname(warehouse.path), `${basename(warehouse.path, extname(warehouse.path))}.hubspot.json`);
}

function filePath(projectDir: string, path: string): string {
  // `s3://bucket/logins/*.parquet` is for DuckDB to read.
  return path.includes('://') ? path : resolve(projectDir, path);
}

function isHttpAddress(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}
