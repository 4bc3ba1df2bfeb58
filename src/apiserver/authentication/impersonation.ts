/**
 * Acting as somebody else (`kubectl --as`): allowed per user, group and extra key by RBAC's `impersonate`
 * verb.
 */

import { badRequestError } from '../../api/meta/api-error.ts';
import type { UserInfo } from '../../client/operation.ts';
import { requireAccess, type Authorizer } from '../authorization/authorizer.ts';
import type { Headers } from '../http/exchange.ts';
import { AUTHENTICATED_GROUP } from './authenticator.ts';

const EXTRA_PREFIX = 'impersonate-extra-';

/** The user to act as; the asking user when no header says otherwise. Throws `Forbidden`. */
export async function impersonate(
  user: UserInfo,
  headers: Headers,
  authorizer: Authorizer,
): Promise<UserInfo> {
  const name = one(headers['impersonate-user']);
  const groups = many(headers['impersonate-group']);
  const uid = one(headers['impersonate-uid']);
  const extra = extraOf(headers);
  if (name === '') {
    if (groups.length > 0 || uid !== '' || Object.keys(extra).length > 0) {
      throw badRequestError('requested impersonation without impersonating a user');
    }
    return user;
  }
  const ask = (
    group: string,
    resource: string,
    subresource: string,
    namespace: string,
    target: string,
  ): Promise<void> =>
    requireAccess(authorizer, {
      type: 'resource',
      user,
      verb: 'impersonate',
      group,
      version: 'v1',
      resource,
      subresource,
      namespace,
      name: target,
    });
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account === null) await ask('', 'users', '', '', name);
  else await ask('', 'serviceaccounts', '', account[1] ?? '', account[2] ?? '');
  for (const group of groups) await ask('', 'groups', '', '', group);
  if (uid !== '') await ask('authentication.k8s.io', 'uids', '', '', uid);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) await ask('authentication.k8s.io', 'userextras', key, '', value);
  }
  const implied =
    account === null ? [] : ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`];
  const base = name === 'system:anonymous' ? 'system:unauthenticated' : AUTHENTICATED_GROUP;
  return {
    name,
    groups: [...new Set([...groups, ...(groups.length === 0 ? implied : []), base])],
    ...(uid === '' ? {} : { uid }),
    extra,
  };
}

function one(value: string | readonly string[] | undefined): string {
  return many(value)[0] ?? '';
}

/** Node joins repeated headers with a comma; group names have none. */
function many(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined || value === '') return [];
  return typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
}

function extraOf(headers: Headers): { [key: string]: readonly string[] } {
  const extra: { [key: string]: readonly string[] } = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(EXTRA_PREFIX))
      extra[decodeURIComponent(name.slice(EXTRA_PREFIX.length))] = many(value);
  }
  return extra;
}
