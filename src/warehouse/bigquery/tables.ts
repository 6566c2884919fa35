import type { BigQuerySettings } from '../../project/warehouse-types.ts';
import type { RelationName } from '../../sql/types.ts';
import type { StatementOptions } from '../port.ts';
import type { BigQueryApi } from './api.ts';
import { errorFactsOf } from './error-facts.ts';
import { bigQueryRefusal } from './errors.ts';
import type { Table, TableReference } from './rest-types.ts';

/** Datasets and tables as things of the REST API: what is done to them here is no job, costs nothing and is quick. */
export class Tables {
  readonly #api: BigQueryApi;
  readonly #settings: BigQuerySettings;

  constructor(api: BigQueryApi, settings: BigQuerySettings) {
    this.#api = api;
    this.#settings = settings;
  }

  reference({ database, schema, name }: RelationName): TableReference {
    return { projectId: database ?? this.#settings.project, datasetId: schema, tableId: name };
  }

  async hasDataset(datasetId: string, options: StatementOptions | undefined): Promise<boolean> {
    return (await this.#find(`/datasets/${encodeURIComponent(datasetId)}`, options)) !== null;
  }

  /**
   * Makes a dataset that is not there, in the location of the target. Whoever finds it made needs no right to make one.
   * @returns whether it had to be made
   */
  async makeDataset(datasetId: string, options: StatementOptions | undefined): Promise<boolean> {
    if (await this.hasDataset(datasetId, options)) return false;
    const { project: projectId, location } = this.#settings;
    const json = { datasetReference: { projectId, datasetId }, location };
    try {
      await this.#api.send({ method: 'POST', uri: '/datasets', json }, options);
    } catch (cause) {
      // Somebody else made it a moment before.
      if (errorFactsOf(cause).status !== 409) throw bigQueryRefusal(cause, undefined, options);
    }
    return true;
  }

  /** `TABLE`, `VIEW` …; null where there is none */
  async kindOf(relation: RelationName, options: StatementOptions | undefined): Promise<string | null> {
    const found = await this.#find(this.#uri(relation), options);
    return found?.type ?? null;
  }

  /** Does not mind a missing one. */
  async drop(relation: RelationName, options: StatementOptions | undefined): Promise<void> {
    try {
      await this.#api.send({ method: 'DELETE', uri: this.#uri(relation) }, options);
    } catch (cause) {
      if (errorFactsOf(cause).status !== 404) throw bigQueryRefusal(cause, undefined, options);
    }
  }

  async #find(uri: string, options: StatementOptions | undefined): Promise<Table | null> {
    try {
      return await this.#api.send<Table>({ method: 'GET', uri }, options);
    } catch (cause) {
      if (errorFactsOf(cause).status === 404) return null;
      throw bigQueryRefusal(cause, undefined, options);
    }
  }

  /** Of the target's own project: whatever is made or dropped lies there. */
  #uri(relation: RelationName): string {
    const { datasetId = '', tableId = '' } = this.reference(relation);
    return `/datasets/${encodeURIComponent(datasetId)}/tables/${encodeURIComponent(tableId)}`;
  }
}
