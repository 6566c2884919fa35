import type { WarehouseSettings } from '../project/warehouse-types.ts';
import type { RelationName } from '../sql/types.ts';

export interface GrantRequest<T extends WarehouseSettings = WarehouseSettings> {
  readonly settings: T;
  /** Who is to work: a role, a user or, on BigQuery, a principal such as `serviceAccount:…`. Null: the warehouse's custom. */
  readonly role: string | null;
  /** Schemas that it owns: the models' and the state's. */
  readonly schemas: readonly string[];
  /** Tables that it reads. */
  readonly tables: readonly RelationName[];
}

export interface Grants {
  readonly role: string;
  /** In order; a line that begins with `--` is for the reader. Running them twice does no harm. */
  readonly statements: readonly string[];
}
