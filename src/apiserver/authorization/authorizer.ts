/** May this user do this? One question in the words of RBAC, one answer with its reason. */

import { parseFieldSelector, requiredValue } from '../../api/fields/field-selector.ts';
import { forbiddenError } from '../../api/meta/api-error.ts';
import type { Operation, RequestContext, UserInfo } from '../../client/operation.ts';

export type AccessAttributes =
  | {
      readonly type: 'resource';
      readonly user: UserInfo;
      readonly verb: string;
      readonly group: string;
      readonly version: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
    }
  | { readonly type: 'path'; readonly user: UserInfo; readonly verb: string; readonly path: string };

export interface Decision {
  readonly allowed: boolean;
  /** For people: which binding allowed it, or what was missing. */
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: AccessAttributes): Decision | Promise<Decision>;
}

export async function authorizeOperation(
  authorizer: Authorizer,
  operation: Operation,
  { user }: RequestContext,
): Promise<void> {
  const { group, version, resource, subresource, namespace } = operation.target;
  const name = operation.target.name || selectedName(selectorOf(operation));
  const attributes: AccessAttributes = {
    type: 'resource',
    user,
    verb: operation.verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
  };
  await requireAccess(authorizer, attributes);
}

function selectorOf(operation: Operation): string {
  return 'selection' in operation ? (operation.selection.fieldSelector ?? '') : '';
}

/** A list or watch of one object by its name counts as a request for that object, as upstream has it. */
export function selectedName(selector: string): string {
  if (selector === '') return '';
  const parsed = parseFieldSelector(selector);
  return parsed.ok ? (requiredValue(parsed.value, 'metadata.name') ?? '') : '';
}

/** Throws `Forbidden`, worded as upstream words it, because clients and people match on the text. */
export async function requireAccess(authorizer: Authorizer, attributes: AccessAttributes): Promise<void> {
  const decision = await authorizer.authorize(attributes);
  if (decision.allowed) return;
  const suffix = decision.reason === '' ? '' : `: ${decision.reason}`;
  const who = `User ${JSON.stringify(attributes.user.name)} cannot`;
  if (attributes.type === 'path') {
    throw forbiddenError(
      { group: '', resource: '' },
      '',
      `${who} ${attributes.verb} path ${JSON.stringify(attributes.path)}${suffix}`,
    );
  }
  const { group, resource, subresource, namespace, name, verb } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? ' at the cluster scope' : ` in the namespace ${JSON.stringify(namespace)}`;
  const what = `${who} ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)}${where}${suffix}`;
  throw forbiddenError({ group, resource }, name, what);
}
