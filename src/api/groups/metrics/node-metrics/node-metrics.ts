/** NodeMetrics: what a node used lately. Answered, not stored. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { NodeMetrics } from '../../../types.gen.ts';
import { METRICS_GROUP, METRICS_VERSION, metricColumns } from '../metric-columns.ts';

export const nodeMetrics: ResourceDefinition<NodeMetrics> = {
  ...virtualKind<NodeMetrics>({
    group: METRICS_GROUP,
    version: METRICS_VERSION,
    kind: 'NodeMetrics',
    plural: 'nodes',
    namespaced: false,
    message: 'metrics/v1beta1.NodeMetrics',
  }),
  singular: '',
  verbs: ['get', 'list'],
  columns: metricColumns(({ usage }) => [usage]),
};
