/**
 * The options of requests that connect (exec, attach, portforward, proxy), which admission may refuse or
 * change as if they were objects. They come in the query, and are written as upstream writes them.
 */

import type { GroupVersionKind, KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { present } from '../../base/assert.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { AdmissionChain } from '../admission/admission.ts';
import type { ResourceRequest } from '../http/decode-operation.ts';
import { flag } from '../http/request-info.ts';

/** Of all kinds of connections; what one does not have is absent. */
export interface ConnectionOptions {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly tty?: boolean;
  readonly container?: string;
  readonly command?: readonly string[];
}

/** Asks admission before anything is connected. Throws `ApiError` when it is refused. */
export type AdmitConnection = (request: ResourceRequest, user: UserInfo) => Promise<ConnectionOptions>;

export interface ConnectionParts {
  readonly admission: AdmissionChain;
  readonly resources: { find(group: string, version: string, plural: string): Resource | undefined };
}

const NEVER = new AbortController().signal;

export function connectionAdmission({ admission, resources }: ConnectionParts): AdmitConnection {
  return async (request, user) => {
    const { target } = request;
    const kind = kindOf(request);
    const object = optionsObject(request, kind) as unknown as KubernetesObject;
    const admitted = await admission.admitOther({
      operation: 'CONNECT',
      resource: present(resources.find(target.group, target.version, target.resource), target.resource),
      target,
      object,
      oldObject: undefined,
      dryRun: false,
      context: { user, userAgent: '', signal: NEVER, warn: () => {} },
      body: { kind, object, oldObject: undefined },
    });
    return admitted as ConnectionOptions;
  };
}

/** Upstream's names: `PodExecOptions`, `ServiceProxyOptions`. */
function kindOf({ target: { resource, subresource } }: ResourceRequest): GroupVersionKind {
  const owner = OWNERS[resource] ?? 'Pod';
  return { group: '', version: 'v1', kind: `${owner}${ACTS[subresource] ?? 'Proxy'}Options` };
}

const OWNERS: { readonly [resource: string]: string } = { nodes: 'Node', pods: 'Pod', services: 'Service' };
const ACTS: { readonly [subresource: string]: string } = {
  attach: 'Attach',
  exec: 'Exec',
  portforward: 'PortForward',
  proxy: 'Proxy',
};

function optionsObject({ target, query, rest }: ResourceRequest, { kind }: GroupVersionKind): JsonObject {
  const type = { kind, apiVersion: 'v1' };
  switch (target.subresource) {
    case 'proxy':
      return rest === '' ? type : { ...type, path: `/${rest}` };
    case 'portforward': {
      const ports = query.getAll('ports').map(Number).filter(Number.isSafeInteger);
      return ports.length === 0 ? type : { ...type, ports };
    }
    default: {
      const flags = STREAMS.filter((name) => flag(query.get(name))).map((name) => [name, true]);
      const container = query.get('container') ?? '';
      return {
        ...type,
        ...(Object.fromEntries(flags) as JsonObject),
        ...(container === '' ? {} : { container }),
        ...(target.subresource === 'exec' ? { command: query.getAll('command') } : {}),
      };
    }
  }
}

const STREAMS = ['stdin', 'stdout', 'stderr', 'tty'];
