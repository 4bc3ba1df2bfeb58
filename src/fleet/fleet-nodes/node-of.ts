/** A node of a fleet as it is created. Pure. */

import { FLEET_GROUP, FLEET_LABEL } from '../../api/groups/core/node/played-node.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { Node } from '../../api/types.gen.ts';
import { NUMBER_LABEL } from '../members.ts';
import { nodeFleets, type NodeFleet } from '../node-fleet.ts';

const CAPACITY = { cpu: '32', memory: '256Gi', 'ephemeral-storage': '1Ti', pods: '110' };
const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

export function fleetNodeName(fleet: NodeFleet, number: number): string {
  return `${fleet.metadata.name ?? ''}-${number}`;
}

export function fleetNode(fleet: NodeFleet, number: number): Draft<Node> {
  const { template = {}, zones = [], region, capacity = {} } = fleet.spec;
  const name = fleetNodeName(fleet, number);
  const zone = zones[number % Math.max(zones.length, 1)];
  const amounts = { ...CAPACITY, ...capacity };
  return {
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        [HOSTNAME]: name,
        ...(zone === undefined ? {} : { [ZONE]: zone }),
        ...(region === undefined ? {} : { [REGION]: region }),
        ...template.labels,
        [FLEET_LABEL]: fleet.metadata.name ?? '',
        [NUMBER_LABEL]: String(number),
      },
      ...(template.annotations === undefined ? {} : { annotations: template.annotations }),
      ownerReferences: [
        {
          apiVersion: `${FLEET_GROUP}/${nodeFleets.version}`,
          kind: nodeFleets.kind,
          name: fleet.metadata.name ?? '',
          uid: fleet.metadata.uid ?? '',
          controller: true,
        },
      ],
    },
    spec: template.taints === undefined ? {} : { taints: template.taints },
    status: { capacity: amounts, allocatable: amounts },
  };
}
