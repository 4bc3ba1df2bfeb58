/**
 * The order in which nodes are looked at: one of each zone in turn, so that a look at some of them sees all
 * zones. Worked out anew only after nodes or zones have changed.
 */

import type { NodeInfo } from './node-info.ts';

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';

export function zoneOf({ node }: NodeInfo): string {
  const { labels } = node.metadata;
  return `${labels?.[REGION] ?? ''}\n${labels?.[ZONE] ?? ''}`;
}

export function interleaveZones(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const zone = zoneOf(node);
    const present = zones.get(zone);
    if (present === undefined) zones.set(zone, [node]);
    else present.push(node);
  }
  const order: NodeInfo[] = [];
  const lists = [...zones.values()];
  const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
  for (let i = 0; i < longest; i++) {
    for (const list of lists) {
      const node = list[i];
      if (node !== undefined) order.push(node);
    }
  }
  return order;
}
