import type { CallOptions, Transport } from './transport.ts';

/**
 * The generated APIs of HubSpot's client over our transport. They build paths and bodies and give types; nothing else of
 * the client is used (its limiter and retries are shared by the whole process, and it knows no AbortSignal).
 *
 * An API object is made for each call, since the generated methods have no room for our options. Each area is loaded when
 * it is first called (about 50 ms), so that commands without HubSpot do not pay for it.
 */
export interface VendorCall extends CallOptions {
  /** What the generated parser expects of a success; HubSpot has answered 200 for 201 and back. */
  readonly successStatus?: 200 | 201;
}

/** The header by which our transport tells the caller how many answers were lost before this one. */
export const lostAnswersHeader = 'x-scoreline-lost-answers';
export const correlationHeader = 'x-hubspot-correlation-id';

/** The transport owns address and token; the generated code only needs some absolute URL to build paths on. */
const anyOrigin = 'https://api.hubapi.com';

export async function objectApis(transport: Transport, call: VendorCall) {
  const vendor = await import('@hubspot/api-client/lib/codegen/crm/objects/index.js');
  const configuration = vendor.createConfiguration({
    baseServer: new vendor.ServerConfiguration(anyOrigin, {}),
    httpApi: vendor.wrapHttpLibrary(httpLibrary(transport, call, vendor.ResponseContext)),
  });
  return { batch: new vendor.BatchApi(configuration), search: new vendor.SearchApi(configuration), vendor };
}

export async function propertyApis(transport: Transport, call: VendorCall) {
  const vendor = await import('@hubspot/api-client/lib/codegen/crm/properties/index.js');
  const configuration = vendor.createConfiguration({
    baseServer: new vendor.ServerConfiguration(anyOrigin, {}),
    httpApi: vendor.wrapHttpLibrary(httpLibrary(transport, call, vendor.ResponseContext)),
  });
  return { core: new vendor.CoreApi(configuration), groups: new vendor.GroupsApi(configuration) };
}

export async function listApis(transport: Transport, call: VendorCall) {
  const vendor = await import('@hubspot/api-client/lib/codegen/crm/lists/index.js');
  const configuration = vendor.createConfiguration({
    baseServer: new vendor.ServerConfiguration(anyOrigin, {}),
    httpApi: vendor.wrapHttpLibrary(httpLibrary(transport, call, vendor.ResponseContext)),
  });
  return { lists: new vendor.ListsApi(configuration), memberships: new vendor.MembershipsApi(configuration) };
}

interface VendorRequest {
  getUrl(): string;
  getHttpMethod(): string;
  getBody(): unknown;
}

interface VendorBody {
  text(): Promise<string>;
  binary(): Promise<Buffer>;
}

type ResponseConstructor<Response> = new (
  status: number,
  headers: Record<string, string>,
  body: VendorBody,
) => Response;

/** Hands the generated parsers a success in its documented shape; everything else is thrown before they see it. */
function httpLibrary<Response>(transport: Transport, call: VendorCall, ResponseContext: ResponseConstructor<Response>) {
  return {
    async send(request: VendorRequest): Promise<Response> {
      const { pathname, search } = new URL(request.getUrl());
      const body = request.getBody();
      const answer = await transport.send({
        ...call,
        method: request.getHttpMethod(),
        path: pathname + search,
        body: typeof body === 'string' ? body : undefined,
      });
      const text = JSON.stringify(answer.json);
      const status = 'errors' in answer.json ? 207 : (call.successStatus ?? 200);
      const headers = {
        'content-type': 'application/json',
        [lostAnswersHeader]: String(answer.lostAnswers),
        ...(answer.correlationId === undefined ? {} : { [correlationHeader]: answer.correlationId }),
      };
      return new ResponseContext(status, headers, { text: async () => text, binary: async () => Buffer.from(text) });
    },
  };
}
