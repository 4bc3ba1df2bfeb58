/** The columns of the two kinds that bind a policy. */

import { AGE_COLUMN, NAME_COLUMN } from '../../meta/columns.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import type { Column } from '../../meta/resource-definition.ts';
import type { ParamRef } from '../../types.gen.ts';
import { paramRefText } from './rules.ts';

export interface PolicyBinding extends KubernetesObject {
  readonly spec: { readonly policyName?: string; readonly paramRef?: ParamRef };
}

export const BINDING_COLUMNS: readonly Column<PolicyBinding>[] = [
  NAME_COLUMN,
  {
    name: 'PolicyName',
    type: 'string',
    description: 'PolicyName indicates the policy definition which the policy binding binded to',
    priority: 0,
    value: ({ spec }) => spec.policyName ?? '',
  },
  {
    name: 'ParamRef',
    type: 'string',
    description: 'ParamRef indicates the param resource which sets the configration param',
    priority: 0,
    value: ({ spec }) => paramRefText(spec.paramRef),
  },
  AGE_COLUMN,
];
