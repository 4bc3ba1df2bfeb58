/**
 * Serves `metrics.k8s.io`: `nodes` and `pods` are looked for in the store, by name or selector, and answered with
 * the metrics of those about which enough is known.
 */

import { nodes } from '../api/groups/core/node/node.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { METRICS_GROUP } from '../api/groups/metrics/metric-columns.ts';
import { methodNotAllowedError, notFoundError } from '../api/meta/api-error.ts';
import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import { present } from '../base/assert.ts';
import type { Node, Pod } from '../api/types.gen.ts';
import type { Operation, Outcome } from '../client/operation.ts';
import { lookUp } from '../apiserver/registry/look-up.ts';
import { listObjects } from '../apiserver/registry/read.ts';
import type { ResourceIndex } from '../apiserver/pipeline.ts';
import type { SubresourceCall, SubresourceHandler } from '../apiserver/subresources/subresource.ts';
import type { ResourceMetrics } from './resource-metrics.ts';

export function metricsHandlers(
  resources: ResourceIndex,
  metrics: ResourceMetrics,
): readonly SubresourceHandler[] {
  return [
    handler<Node>(resources, nodes, (node) => metrics.ofNode(node)),
    handler<Pod>(resources, pods, (pod) => metrics.ofPod(pod)),
  ];
}

function handler<T extends KubernetesObject>(
  resources: ResourceIndex,
  type: ResourceType<T>,
  metricsOf: (object: T) => KubernetesObject | undefined,
): SubresourceHandler {
  const measured = present(resources.find(type.group, type.version, type.plural), type.plural);
  const get = ({ operation, resource, parts }: SubresourceCall): Outcome => {
    const { namespace, name } = operation.target;
    const object = lookUp(parts.store, type, namespace, name);
    const found = object === undefined ? undefined : metricsOf(object);
    if (found === undefined) throw notFoundError(resource.subject, name);
    return { type: 'object', object: found, created: false };
  };
  const list = async (
    { parts }: SubresourceCall,
    { target, selection }: Extract<Operation, { verb: 'list' }>,
  ): Promise<Outcome> => {
    const { group, version, plural: resource } = type;
    const of = { verb: 'list', target: { ...target, group, version, resource }, selection } as const;
    const { items } = await listObjects(parts.store, measured, of);
    const found = items.map((item) => metricsOf(item as T)).filter((item) => item !== undefined);
    return {
      type: 'list',
      list: { items: found, resourceVersion: '', continue: '', remainingItemCount: undefined },
    };
  };
  return {
    path: type.plural,
    group: METRICS_GROUP,
    handle: async (call) => {
      const { operation, resource } = call;
      switch (operation.verb) {
        case 'get':
          return get(call);
        case 'list':
          return list(call, operation);
        default:
          throw methodNotAllowedError(resource.subject, operation.verb);
      }
    },
  };
}
