import { batchShape, searchShape } from '../wire/answer-shapes.ts';
import { type Refusal, readRefusal } from '../wire/refusal.ts';
import type { Transport } from '../wire/transport.ts';
import { correlationHeader, lostAnswersHeader, objectApis } from '../wire/vendor-apis.ts';

/** Most inputs that one batch call takes, for each of the operations. */
export const maxBatchRecords = 100;
/** Most records on one page of a search. */
export const maxSearchPage = 200;

type Properties = Readonly<Record<string, string>>;

export interface ReturnedRecord {
  readonly id: string;
  readonly traceId?: string;
  /** Of an upsert: made by this call. */
  readonly isNew: boolean;
  readonly properties: Readonly<Record<string, string | null>>;
}

/** A batch's answer as plain data: what HubSpot says it did and what it refused, in no particular order. */
export interface BatchAnswer {
  readonly records: readonly ReturnedRecord[];
  readonly refusals: readonly Refusal[];
  /** An earlier attempt of this call may have been carried out unseen. */
  readonly hadLostAnswer: boolean;
}

export interface SearchPage {
  readonly total: number;
  readonly records: readonly ReturnedRecord[];
  readonly after?: string;
}

/** What every operation on records needs. */
export interface RecordScope {
  readonly calls: ObjectCalls;
  readonly object: string;
  readonly signal?: AbortSignal;
}

/** The calls about records, with the vendor's types left behind. Each sends one request (and its retries). */
export class ObjectCalls {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @param idProperty absent: the ids are record ids */
  async read(
    object: string,
    request: { readonly ids: readonly string[]; readonly idProperty?: string; readonly properties: readonly string[] },
    signal?: AbortSignal,
  ): Promise<BatchAnswer> {
    const { batch } = await objectApis(this.#transport, { effect: 'read', signal, shape: batchShape });
    const info = await batch.readWithHttpInfo(object, {
      inputs: request.ids.map((id) => ({ id })),
      idProperty: request.idProperty,
      properties: [...request.properties],
      propertiesWithHistory: [],
    });
    return batchAnswer(info);
  }

  async update(
    object: string,
    inputs: readonly { readonly id: string; readonly objectWriteTraceId: string; readonly properties: Properties }[],
    signal?: AbortSignal,
  ): Promise<BatchAnswer> {
    const { batch } = await objectApis(this.#transport, { effect: 'repeatable', signal, shape: batchShape });
    return batchAnswer(await batch.updateWithHttpInfo(object, { inputs: [...inputs] }));
  }

  /** Not repeated after a lost answer: that would be the caller's to decide. */
  async create(
    object: string,
    inputs: readonly { readonly objectWriteTraceId: string; readonly properties: Properties }[],
    signal?: AbortSignal,
  ): Promise<BatchAnswer> {
    const call = { effect: 'once', signal, shape: batchShape, successStatus: 201 } as const;
    const { batch } = await objectApis(this.#transport, call);
    return batchAnswer(await batch.createWithHttpInfo(object, { inputs: [...inputs] }));
  }

  async upsert(
    object: string,
    inputs: readonly {
      readonly id: string;
      readonly idProperty: string;
      readonly objectWriteTraceId: string;
      readonly properties: Properties;
    }[],
    signal?: AbortSignal,
  ): Promise<BatchAnswer> {
    const { batch } = await objectApis(this.#transport, { effect: 'repeatable', signal, shape: batchShape });
    return batchAnswer(await batch.upsertWithHttpInfo(object, { inputs: [...inputs] }));
  }

  /** Records whose property has one of the values. */
  async searchIn(
    object: string,
    request: SearchIn & { readonly after?: string },
    signal?: AbortSignal,
  ): Promise<SearchPage> {
    const call = { effect: 'read', pool: 'search', signal, shape: searchShape } as const;
    const { search, vendor } = await objectApis(this.#transport, call);
    const filter = {
      propertyName: request.property,
      operator: vendor.FilterOperatorEnum.In,
      values: [...request.values],
    };
    const page = await search.doSearch(object, {
      filterGroups: [{ filters: [filter] }],
      properties: [request.property],
      limit: maxSearchPage,
      after: request.after,
    });
    return { total: page.total, records: page.results.map(returnedRecord), after: page.paging?.next?.after };
  }
}

export interface SearchIn {
  readonly property: string;
  readonly values: readonly string[];
}

interface VendorRecord {
  readonly id: string;
  readonly objectWriteTraceId?: string;
  readonly _new?: boolean;
  readonly properties: Readonly<Record<string, string | null>>;
}

interface VendorAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly data: { readonly results: readonly VendorRecord[]; readonly errors?: readonly unknown[] };
}

function batchAnswer({ headers, data }: VendorAnswer): BatchAnswer {
  const correlationId = headers[correlationHeader];
  return {
    records: data.results.map(returnedRecord),
    refusals: (data.errors ?? []).map((error) => readRefusal(error, { correlationId })),
    hadLostAnswer: headers[lostAnswersHeader] !== '0',
  };
}

function returnedRecord(record: VendorRecord): ReturnedRecord {
  return {
    id: record.id,
    traceId: record.objectWriteTraceId,
    isNew: record._new === true,
    properties: record.properties,
  };
}
