/** Binding: gives a pod to a node; the same as the pod's subresource of this name. Created, never stored. */

import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { Binding } from '../../../types.gen.ts';

export const bindings: ResourceDefinition<Binding> = virtualKind({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  namespaced: true,
  message: 'core/v1.Binding',
});
