/** PodMetrics: what the containers of a pod used lately. Answered, not stored. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { PodMetrics } from '../../../types.gen.ts';
import { METRICS_GROUP, METRICS_VERSION, metricColumns } from '../metric-columns.ts';

export const podMetrics: ResourceDefinition<PodMetrics> = {
  ...virtualKind<PodMetrics>({
    group: METRICS_GROUP,
    version: METRICS_VERSION,
    kind: 'PodMetrics',
    plural: 'pods',
    namespaced: true,
    message: 'metrics/v1beta1.PodMetrics',
  }),
  singular: '',
  verbs: ['get', 'list'],
  columns: metricColumns(({ containers }) => containers.map(({ usage }) => usage)),
};
