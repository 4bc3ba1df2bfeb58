/** ComponentStatus: how the parts of the control plane are. Answered, not stored; deprecated. */

import { NAME_COLUMN } from '../../../meta/columns.ts';
import type { Column, ResourceDefinition } from '../../../meta/resource-definition.ts';
import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { ComponentCondition, ComponentStatus } from '../../../types.gen.ts';

export const componentStatuses: ResourceDefinition<ComponentStatus> = {
  ...virtualKind<ComponentStatus>({
    group: '',
    version: 'v1',
    kind: 'ComponentStatus',
    plural: 'componentstatuses',
    namespaced: false,
    message: 'core/v1.ComponentStatus',
  }),
  shortNames: ['cs'],
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    NAME_COLUMN,
    column('Status', 'Status of the component conditions', (condition) =>
      condition === undefined ? 'Unknown' : condition.status === 'True' ? 'Healthy' : 'Unhealthy',
    ),
    column('Message', 'Message of the component conditions', (condition) => condition?.message ?? ''),
    column('Error', 'Error of the component conditions', (condition) => condition?.error ?? ''),
  ],
};

function column(
  name: string,
  description: string,
  text: (healthy: ComponentCondition | undefined) => string,
): Column<ComponentStatus> {
  const value = ({ conditions = [] }: ComponentStatus): string =>
    text(conditions.find(({ type }) => type === 'Healthy'));
  return { name, type: 'string', description, priority: 0, value };
}
