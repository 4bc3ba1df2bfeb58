/** Rules for what controllers and nodes report about a claim. */

import {
  invalid,
  notSupported,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { NON_NEGATIVE } from '../../../field/rules.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { quantityOf, valueOf } from '../../../quantity/quantity.ts';
import type { PersistentVolumeClaim } from '../../../types.gen.ts';

const STATUS = ROOT_PATH.child('status');

const RESIZE_STATUSES: readonly string[] = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
];

export function validateClaimStatus({ status }: PersistentVolumeClaim): FieldError[] {
  const { capacity = {}, allocatedResourceStatuses = {}, allocatedResources = {} } = status;
  const statuses = STATUS.child('allocatedResourceStatuses');
  const allocated = STATUS.child('allocatedResources');
  return [
    ...Object.entries(capacity).flatMap(([name, text]) =>
      validateAmount(STATUS.child('capacity').key(name), text),
    ),
    ...Object.entries(allocatedResourceStatuses).flatMap(([name, value]) => [
      ...validateKey(statuses, name),
      ...(RESIZE_STATUSES.includes(value) ? [] : [notSupported(statuses, name, RESIZE_STATUSES)]),
    ]),
    ...Object.entries(allocatedResources).flatMap(([name, text]) => {
      const errors = validateKey(allocated, name);
      return errors.length > 0 ? errors : validateAmount(allocated.key(name), text);
    }),
  ];
}

/** Of Kubernetes' own resources a volume has storage only. */
function validateKey(path: FieldPath, name: string): FieldError[] {
  const problem = labelKeyProblem(name);
  if (problem !== undefined) return [invalid(path, name, problem)];
  const isNative = !name.includes('/') || name.includes('kubernetes.io/');
  return isNative && name !== 'storage' ? [notSupported(path, name, ['storage'])] : [];
}

function validateAmount(path: FieldPath, text: string): FieldError[] {
  const value = valueOf(quantityOf(text));
  if (value < 0) return [invalid(path, value, 'must be a valid resource quantity')];
  return quantityOf(text).nanos < 0n ? [invalid(path, text, NON_NEGATIVE)] : [];
}
