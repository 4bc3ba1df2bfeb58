/** `serviceaccounts/token`: issues a token for an account, bound to a pod, node or secret if asked. */

import { formatTime } from '../../api/time/time.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import { serviceAccounts } from '../../api/groups/core/service-account/service-account.ts';
import { invalid, type FieldError } from '../../api/field/field-error.ts';
import { badRequestError, conflictError, invalidError, notFoundError } from '../../api/meta/api-error.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { AuthenticationV1TokenRequest, Pod } from '../../api/types.gen.ts';
import type { Outcome } from '../../client/operation.ts';
import type { BoundObject } from '../authentication/service-account-claims.ts';
import type { ServiceAccountTokens, TokenOrder } from '../authentication/service-account-token.ts';
import { lookUp } from '../registry/look-up.ts';

import type { SubresourceCall, SubresourceHandler } from './subresource.ts';
import { admitCreated, bodyType, decodeCreated, type Schemas } from './subresource-body.ts';

const SECONDS_MIN = 600;
const SECONDS_MAX = 2 ** 32;
const SECONDS_DEFAULT = 3600;

export function serviceAccountTokenHandler(
  schemas: Schemas,
  tokens: ServiceAccountTokens,
): SubresourceHandler {
  const type = bodyType(schemas, 'authentication.k8s.io', 'v1', 'TokenRequest');
  return {
    path: 'serviceaccounts/token',
    group: '',
    handle: async (call) => {
      const sent = decodeCreated<AuthenticationV1TokenRequest>(type, call);
      return issue(call, await admitCreated(call, type, sent), tokens);
    },
  };
}

async function issue(
  call: SubresourceCall,
  request: AuthenticationV1TokenRequest,
  tokens: ServiceAccountTokens,
): Promise<Outcome> {
  const { operation, resource, context, parts } = call;
  const { namespace, name } = operation.target;
  const account = lookUp(parts.store, serviceAccounts, namespace, name);
  if (account === undefined) throw notFoundError(resource.subject, name);
  const errors = validate(request);
  if (errors.length > 0) {
    throw invalidError({ group: 'authentication.k8s.io', resource: 'TokenRequest' }, name, errors);
  }
  await parts.admission.validate({
    operation: 'CREATE',
    resource,
    target: operation.target,
    object: request as unknown as KubernetesObject,
    oldObject: undefined,
    dryRun: false,
    context,
    isInternal: true,
  });
  const { audiences, expirationSeconds = SECONDS_DEFAULT } = request.spec;
  const meantFor = audiences.length === 0 ? tokens.apiAudiences : audiences;
  const { uid = '' } = account.metadata;
  const bound = bind(call, request);
  const order = { namespace, account: { name, uid }, audiences: meantFor, seconds: expirationSeconds, bound };
  const { token, expiresMs } = tokens.issue(order);
  const answer: AuthenticationV1TokenRequest = {
    ...request,
    metadata: { ...request.metadata, name, namespace, creationTimestamp: formatTime(parts.clock.now()) },
    spec: { ...request.spec, audiences: meantFor, expirationSeconds },
    status: { token, expirationTimestamp: formatTime(expiresMs) },
  };
  return { type: 'object', object: answer as unknown as KubernetesObject, created: true };
}

function validate({ spec }: AuthenticationV1TokenRequest): FieldError[] {
  const { expirationSeconds: seconds = SECONDS_DEFAULT } = spec;
  const path = 'spec.expirationSeconds';
  if (seconds < SECONDS_MIN)
    return [invalid(path, seconds, 'may not specify a duration less than 10 minutes')];
  if (seconds <= SECONDS_MAX) return [];
  return [invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds')];
}

function bind(call: SubresourceCall, request: AuthenticationV1TokenRequest): TokenOrder['bound'] {
  const reference = request.spec.boundObjectRef;
  if (reference === undefined) return {};
  const { kind = '', apiVersion = '', name = '', uid = '' } = reference;
  const find = <T extends KubernetesObject>(type: ResourceType<T>): T => existing(call, type, name, uid);
  switch (`${apiVersion}/${kind}`) {
    case 'v1/Pod': {
      const pod = find(pods);
      if (pod.spec.serviceAccountName !== call.operation.target.name) {
        const account = JSON.stringify(call.operation.target.name);
        const why = `cannot bind token for serviceaccount ${account} to pod running with different serviceaccount name.`;
        throw badRequestError(why);
      }
      return { pod: boundTo(pod), ...nodeOf(call, pod) };
    }
    case 'v1/Node':
      return { node: boundTo(find(nodes)) };
    case 'v1/Secret':
      return { secret: boundTo(find(secrets)) };
    default:
      throw badRequestError(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`);
  }
}

function existing<T extends KubernetesObject>(
  { parts, operation }: SubresourceCall,
  type: ResourceType<T>,
  name: string,
  uid: string,
): T {
  const object = lookUp(parts.store, type, operation.target.namespace, name);
  const subject = { group: type.group, resource: type.plural };
  if (object === undefined) throw notFoundError(subject, name);
  if (uid === '' || uid === object.metadata.uid) return object;
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  throw conflictError(subject, name, why);
}

function boundTo({ metadata: { name = '', uid = '' } }: KubernetesObject): BoundObject {
  return { name, uid };
}

/** The pod's node as information; a node that does not exist (yet) has no uid to tell. */
function nodeOf(
  { parts }: SubresourceCall,
  { spec: { nodeName = '' } }: Pod,
): { readonly node?: BoundObject } {
  const node = nodeName === '' ? undefined : lookUp(parts.store, nodes, '', nodeName);
  return node === undefined ? {} : { node: boundTo(node) };
}
