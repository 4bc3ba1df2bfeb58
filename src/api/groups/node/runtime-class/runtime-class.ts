/** RuntimeClass: how containers of a pod are run, what that costs, and where it is possible. */

import { checked, immutable } from '../../../field/rules.ts';
import { ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { dns1123LabelProblem } from '../../../names/names.ts';
import type { RuntimeClass } from '../../../types.gen.ts';
import { validateLabelMap } from '../../core/pod/validate-label-selector.ts';
import { validateResources } from '../../core/pod/validate-resources.ts';
import { validateTolerations } from '../../core/pod/validate-scheduling.ts';

const HANDLER = ROOT_PATH.child('handler');
const SCHEDULING = ROOT_PATH.child('scheduling');

export const runtimeClasses: ResourceDefinition<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  shortNames: [],
  categories: [],
  namespaced: false,
  message: 'node/v1.RuntimeClass',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  validate,
  validateUpdate: (next, old) => immutable(HANDLER, next.handler, old.handler),
  columns: [
    NAME_COLUMN,
    {
      name: 'Handler',
      type: 'string',
      description: 'The configuration of the container runtime that handles pods of the class.',
      priority: 0,
      value: ({ handler }) => handler,
    },
    AGE_COLUMN,
  ],
};

function validate({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const { nodeSelector, tolerations = [] } = scheduling ?? {};
  return [
    // The schema itself refuses an empty one.
    ...checked(HANDLER, handler, handler === '' ? undefined : dns1123LabelProblem(handler)),
    ...validateResources(ROOT_PATH.child('overhead'), { limits: overhead?.podFixed ?? {} }),
    ...validateLabelMap(SCHEDULING.child('nodeSelector'), nodeSelector),
    ...validateTolerations(SCHEDULING.child('tolerations'), tolerations),
  ];
}
