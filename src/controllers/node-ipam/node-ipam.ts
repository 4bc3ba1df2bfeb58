/**
 * The node IPAM controller: gives every node a network of its own out of the cluster's pod network, from
 * which its pods take their addresses (`spec.podCIDR`).
 *
 * Invariants: no two nodes hold overlapping networks; a node keeps its network for life; a network is free
 * again when its node is gone. One worker, so that two nodes never race for the same network.
 */

import { nodes } from '../../api/groups/core/node/node.ts';
import { isPlayed } from '../../api/groups/core/node/played-node.ts';
import type { Node } from '../../api/types.gen.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  Reconciler,
} from '../../reconcile/controller.ts';
import { NetworkPool } from './network-pool.ts';

/** Upstream's default `--node-cidr-mask-size`: 254 pods on a node. */
const NODE_PREFIX_LENGTH = 24;
/** Nodes that found no network try again: one may have become free. */
const EXHAUSTED_RETRY_MS = 30_000;

/** `podCidr`: the cluster's pod network, such as `10.42.0.0/16`. */
export function nodeIpamController(podCidr: string): ControllerDefinition {
  return {
    name: 'node-ipam-controller',
    permissions: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'patch', 'update', 'watch'] },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    build: (context, enqueue) => build(context, enqueue, new NetworkPool(podCidr, NODE_PREFIX_LENGTH)),
  };
}

function build(
  { client, informers, events }: ControllerContext,
  enqueue: Enqueue,
  pool: NetworkPool,
): Reconciler {
  const informer = informers.of(nodes);
  informer.subscribe((next, old, name) => {
    // Also of one that came back under its name while nobody heard of it: it may have brought its network.
    if (next?.metadata.uid !== old?.metadata.uid) pool.release(name);
    if (next === undefined) return;
    if (networkOf(next) !== undefined) pool.occupy(name, networkOf(next) ?? '');
    // No packet will ever reach a node that is played.
    else if (!isPlayed(next)) enqueue(name);
  });
  return {
    reconcile: async (name) => {
      const node = informer.getByKey(name);
      if (node === undefined || networkOf(node) !== undefined) return {};
      const network = pool.take(name);
      if (network === undefined) {
        const message = `Node ${name} status is now: CIDRNotAvailable`;
        events.record(node, 'Normal', 'CIDRNotAvailable', message);
        return { requeueAfterMs: EXHAUSTED_RETRY_MS };
      }
      // The uid makes the patch fail on a node that was replaced meanwhile.
      const metadata = { uid: node.metadata.uid ?? '' };
      const body = { metadata, spec: { podCIDR: network, podCIDRs: [network] } };
      await client.patch(nodes, { name }, { type: 'merge', body });
      return {};
    },
  };
}

function networkOf({ spec }: Node): string | undefined {
  return spec.podCIDR === '' ? undefined : spec.podCIDR;
}
