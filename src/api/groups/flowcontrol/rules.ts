/** What the two kinds of flow control share. */

import { duplicate, required, ROOT_PATH, type FieldError } from '../../field/field-error.ts';

export const FLOW_CONTROL_GROUP = 'flowcontrol.apiserver.k8s.io';

export function validateFlowConditions(conditions: readonly { readonly type?: string }[] = []): FieldError[] {
  const types = new Set<string>();
  return conditions.flatMap(({ type = '' }, i) => {
    const path = ROOT_PATH.child('status', 'conditions').index(i).child('type');
    const errors = types.has(type) ? [duplicate(path, type)] : [];
    types.add(type);
    return type === '' ? [...errors, required(path, 'must not be empty')] : errors;
  });
}
