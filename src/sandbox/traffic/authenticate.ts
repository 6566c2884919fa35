import type { Account } from '../account/account.ts';
import { errorReply, type Reply } from '../api/reply.ts';
import type { Scope } from '../api/routes.ts';
import type { SandboxSettings } from '../settings.ts';

export interface Grant {
  readonly token: string;
  /** Absent: everything. */
  readonly scopes?: readonly string[];
}

/** Rule 1. @returns what the token may do; undefined for a missing, wrong or revoked one */
export function authenticate(
  authorization: string | undefined,
  account: Account,
  settings: SandboxSettings,
): Grant | undefined {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  // A setting for the account's own token narrows or revokes it.
  const known = settings.tokens.find((entry) => entry.token === token);
  if (known?.revoked) return undefined;
  if (known !== undefined) return { token, ...(known.scopes && { scopes: known.scopes }) };
  return token === account.identity.token ? { token } : undefined;
}

export function unauthorizedReply(): Reply {
  return errorReply(401, {
    message:
      'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    category: 'INVALID_AUTHENTICATION',
  });
}

/** @returns the 403 of rule 1 if the token lacks what the route needs */
export function missingScope(grant: Grant, scope: Scope, objectType: string, account: Account): Reply | undefined {
  if (grant.scopes === undefined || scope === 'none') return undefined;
  const accepted = scopesAccepted(scope, account.findType(objectType)?.names ?? { name: objectType, custom: false });
  if (accepted.some((name) => grant.scopes?.includes(name))) return undefined;
  return missingScopeReply(accepted.slice(0, 1));
}

export function missingScopeReply(scopes: readonly string[]): Reply {
  return errorReply(403, {
    message:
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    errors: [
      { message: 'One or more of the following scopes are required.', context: { requiredGranularScopes: scopes } },
    ],
    links: { scopes: 'https://developers.hubspot.com/scopes' },
    category: 'MISSING_SCOPES',
  });
}

/** Any of them will do; the first is the one to ask for. */
function scopesAccepted(scope: Scope, type: { readonly name: string; readonly custom: boolean }): readonly string[] {
  const name = type.custom ? 'custom' : type.name || 'contacts';
  switch (scope) {
    case 'lists.read':
    case 'lists.write':
      return [`crm.${scope}`];
    case 'objects.read':
      return [`crm.objects.${name}.read`, `crm.objects.${name}.write`];
    case 'objects.write':
      return [`crm.objects.${name}.write`];
    case 'schemas.read':
      return [`crm.schemas.${name}.read`, `crm.schemas.${name}.write`, `crm.objects.${name}.read`];
    case 'schemas.write':
      return [`crm.schemas.${name}.write`];
    case 'none':
      return [];
    default: {
      const never: never = scope;
      throw new TypeError(`unknown scope ${String(never)}`);
    }
  }
}
