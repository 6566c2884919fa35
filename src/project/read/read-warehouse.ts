import { resolve } from 'node:path';
import { problemAt } from '../files/problem-at.ts';
import type { Duration } from '../setting-types.ts';
import type { WarehouseShape } from '../shapes/warehouse-schema.ts';
import type { SnowflakeCredential, WarehouseSettings } from '../warehouse-types.ts';
import type { TargetRequest } from './target-request.ts';

/** @returns null where it has problems */
export function readWarehouse(request: TargetRequest): WarehouseSettings | null {
  const { shape, projectDir } = request;
  const { warehouse } = shape;
  switch (warehouse.type) {
    case 'duckdb': {
      const { type, path, memory_limit: memoryLimit, threads } = warehouse;
      if (!isPath(path))
        return refuse(request, 'path', 'expected the path of a file, which keeps scores and state from run to run');
      return { type, path: resolve(projectDir, path), memoryLimit, threads };
    }
    case 'postgres': {
      const { type, url, statement_timeout: timeout } = warehouse;
      if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
        return refuse(request, 'url', 'expected an address such as postgres://user@host:5432/database');
      }
      return { type, url, statementTimeoutMs: milliseconds(timeout) };
    }
    case 'bigquery': {
      const { type, project, location, impersonate, statement_timeout: timeout } = warehouse;
      return {
        type,
        project,
        location,
        maxBytesBilled: warehouse.max_bytes_billed,
        keyFile: warehouse.key_file === undefined ? undefined : resolve(projectDir, warehouse.key_file),
        impersonate,
        apiEndpoint: warehouse.api_endpoint,
        statementTimeoutMs: milliseconds(timeout),
      };
    }
    case 'snowflake': {
      const { type, account, username, role, warehouse: virtualWarehouse, database, host } = warehouse;
      const credential = snowflakeCredential(request, warehouse);
      if (credential === null) return null;
      const statementTimeoutMs = milliseconds(warehouse.statement_timeout);
      return {
        type,
        account,
        username,
        credential,
        role,
        warehouse: virtualWarehouse,
        database,
        host,
        statementTimeoutMs,
      };
    }
    default:
      throw new TypeError(`No such warehouse: ${JSON.stringify(warehouse satisfies never)}`);
  }
}

/** `:memory:` and `md:` mean something else than a file to DuckDB. */
function isPath(text: string): boolean {
  return !/^:|^[a-z][a-z0-9+.-]+:/i.test(text);
}

const credentialKeys = ['private_key', 'private_key_path', 'password', 'token'] as const;

function snowflakeCredential(
  request: TargetRequest,
  shape: Extract<WarehouseShape, { type: 'snowflake' }>,
): SnowflakeCredential | null {
  const given = credentialKeys.filter((key) => shape[key] !== undefined);
  const { authenticator, private_key_passphrase: passphrase } = shape;
  const one = 'expected one of private_key, private_key_path, password and token, or `authenticator: externalbrowser`';
  if (authenticator === 'externalbrowser') {
    return given.length === 0
      ? { kind: 'externalbrowser' }
      : refuse(request, 'authenticator', `beside it stands ${given.join(', ')}: ${one}`);
  }
  if (given.length !== 1) {
    const found = given.length === 0 ? 'the warehouse has no credential' : `the warehouse has ${given.join(' and ')}`;
    return refuse(request, null, `${found}: ${one}`);
  }
  if (passphrase !== undefined && shape.private_key === undefined && shape.private_key_path === undefined) {
    return refuse(request, 'private_key_passphrase', 'there is no private key that it belongs to');
  }
  if (shape.private_key !== undefined) return { kind: 'key_pair', key: shape.private_key, passphrase };
  if (shape.private_key_path !== undefined) {
    return { kind: 'key_file', path: resolve(request.projectDir, shape.private_key_path), passphrase };
  }
  if (shape.password !== undefined) return { kind: 'password', password: shape.password };
  return { kind: authenticator ?? 'oauth', token: shape.token ?? '' };
}

/** @param key null for the whole map; `expected` stands behind the value, where that is no secret */
function refuse({ name, yaml, report }: TargetRequest, key: string | null, expected: string): null {
  const place = ['targets', name, 'warehouse', ...(key === null ? [] : [key])];
  const isShown = key === 'path' || key === 'authenticator';
  const message =
    key === null ? expected : `\`${key}\`${isShown ? ` is ${yaml.written(place)}` : ' cannot be used'}: ${expected}`;
  report({ ...problemAt(yaml, place, { code: 'CONFIG_INVALID', message }), ...(isShown ? {} : { value: undefined }) });
  return null;
}

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

function milliseconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : duration.amount * unitMs[duration.unit];
}
