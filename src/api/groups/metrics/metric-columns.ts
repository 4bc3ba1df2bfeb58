/** Columns of the metrics API, as metrics-server has them: one for each resource, in lower case. */

import { NAME_COLUMN } from '../../meta/columns.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { Column } from '../../meta/resource-definition.ts';
import { addQuantities, formatQuantity, quantityOf, ZERO_QUANTITY } from '../../quantity/quantity.ts';

export type ResourceUsage = { readonly [resource: string]: string };

export const METRICS_GROUP = 'metrics.k8s.io';
export const METRICS_VERSION = 'v1beta1';

export function metricColumns<T extends KubernetesObject & { readonly window: string }>(
  usages: (object: T) => readonly ResourceUsage[],
): readonly Column<T>[] {
  const resources = ['cpu', 'memory'].map((resource): Column<T> => ({
    name: resource,
    type: 'string',
    format: 'quantity',
    description: '',
    priority: 0,
    value: (object) => formatQuantity(totalOf(usages(object), resource)),
  }));
  const window: Column<T> = {
    name: 'Window',
    type: 'string',
    format: 'duration',
    description: '',
    priority: 0,
    value: (object) => object.window,
  };
  return [{ ...NAME_COLUMN, description: 'Name of the resource' }, ...resources, window];
}

function totalOf(usages: readonly ResourceUsage[], resource: string): typeof ZERO_QUANTITY {
  return usages
    .map((usage) => quantityOf(usage[resource] ?? '0'))
    .reduce((sum, each) => addQuantities(sum, each), ZERO_QUANTITY);
}
