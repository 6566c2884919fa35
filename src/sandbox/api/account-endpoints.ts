import { type ApiRequest, objectBody, requiredText, resourceNotFound } from './api-request.ts';
import { type Reply, reply } from './reply.ts';

/** Rule 28. */
export function accountDetails({ account, now }: ApiRequest): Reply {
  const { portalId, accountType, timeZone, uiDomain } = account.identity;
  const offsetMinutes = utcOffsetMinutes(timeZone, now);
  const absolute = Math.abs(offsetMinutes);
  const [hours, minutes] = [Math.floor(absolute / 60), absolute % 60].map((part) => String(part).padStart(2, '0'));
  return reply(200, {
    portalId,
    accountType,
    timeZone,
    companyCurrency: 'USD',
    additionalCurrencies: [],
    utcOffset: `${offsetMinutes < 0 ? '-' : '+'}${hours}:${minutes}`,
    utcOffsetMilliseconds: offsetMinutes * 60_000,
    uiDomain,
    dataHostingLocation: 'na1',
  });
}

/** Rule 28: of all private apps of the account together. */
export function dailyUsage({ settings, usage, now }: ApiRequest): Reply {
  const at = (atMs: number) => new Date(atMs).toISOString();
  return reply(200, {
    results: [
      {
        name: 'private-apps-api-calls-daily',
        usageLimit: settings.limits.perDay ?? Number.MAX_SAFE_INTEGER,
        currentUsage: usage.callsToday,
        collectedAt: at(now),
        fetchStatus: 'SUCCESS',
        resetsAt: at(usage.resetsAt()),
      },
    ],
  });
}

/** Custom objects share one limit. */
export function recordLimits({ account, settings }: ApiRequest): Reply {
  const limit = settings.limits.records;
  const usages = account.types.map(({ names, records }) => ({
    custom: names.custom,
    row: { objectTypeId: names.id, singularLabel: names.singular, pluralLabel: names.name, usage: records.size },
  }));
  const percentage = (usage: number) => (limit === 0 ? 100 : (usage / limit) * 100);
  const byObjectType = usages.filter(({ custom }) => custom).map(({ row }) => row);
  const overallUsage = byObjectType.reduce((sum, { usage }) => sum + usage, 0);
  return reply(200, {
    hubspotDefinedObjectTypes: usages
      .filter(({ custom }) => !custom)
      .map(({ row }) => ({ ...row, limit, percentage: percentage(row.usage) })),
    customObjectTypes: {
      byObjectType,
      overallLimit: limit,
      overallUsage,
      overallPercentage: percentage(overallUsage),
    },
  });
}

/** Says what the token in the body may do; its scopes are those that routes ask for. */
export function accessTokenInfo(request: ApiRequest): Reply {
  const { account, settings } = request;
  const tokenKey = requiredText(objectBody(request), 'tokenKey');
  const known = settings.tokens.find(({ token }) => token === tokenKey);
  if (known?.revoked || (known === undefined && tokenKey !== account.identity.token)) throw resourceNotFound();
  const names = ['contacts', 'companies', 'deals', 'custom'];
  const all = [
    ...names.flatMap((name) =>
      ['objects', 'schemas'].flatMap((what) => ['read', 'write'].map((may) => `crm.${what}.${name}.${may}`)),
    ),
    'crm.lists.read',
    'crm.lists.write',
  ];
  return reply(200, { userId: 1, hubId: account.identity.portalId, appId: 1, scopes: known?.scopes ?? all });
}

export function customPropertyLimits({ account, settings }: ApiRequest): Reply {
  const { customProperties } = settings.limits;
  const byObjectType = account.types.map((type) => ({
    objectTypeId: type.names.id,
    limit: customProperties,
    usage: [...type.properties.values()].filter((property) => !property.hubspotDefined).length,
  }));
  const overallUsage = byObjectType.reduce((sum, { usage }) => sum + usage, 0);
  return reply(200, { overallLimit: customProperties * 10, overallUsage, byObjectType });
}

function utcOffsetMinutes(timeZone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(atMs);
  const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(text);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}
