/** Services in quotas: their number, and how many node ports and load balancers they take. */

import type { Service } from '../types.gen.ts';
import { counts, type Amounts } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';

const NAMES: readonly string[] = [
  'count/services',
  'services',
  'services.nodeports',
  'services.loadbalancers',
];

export const serviceEvaluator: Evaluator<Service> = {
  counts: (name) => NAMES.includes(name),
  usage,
  chargesUpdate: () => true,
};

function usage({ spec }: Service): Amounts {
  return counts({
    'count/services': 1,
    services: 1,
    'services.nodeports': nodePorts(spec),
    'services.loadbalancers': spec.type === 'LoadBalancer' ? 1 : 0,
  });
}

function nodePorts({ type, ports = [], allocateLoadBalancerNodePorts }: Service['spec']): number {
  if (type === 'NodePort') return ports.length;
  if (type !== 'LoadBalancer') return 0;
  if (allocateLoadBalancerNodePorts !== false) return ports.length;
  return ports.filter(({ nodePort = 0 }) => nodePort !== 0).length;
}
