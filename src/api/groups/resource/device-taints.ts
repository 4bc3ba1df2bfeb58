/** Whether tolerations put up with the taints of a device. Pure. */

import type { Device, DeviceTaint, DeviceToleration } from '../../types.gen.ts';

/** The first taint that keeps a request off the device. */
export function untoleratedTaint(
  { taints = [] }: Device,
  tolerations: readonly DeviceToleration[],
): DeviceTaint | undefined {
  return taints.find(
    (taint) =>
      taint.effect !== 'None' && !tolerations.some((toleration) => toleratesDeviceTaint(toleration, taint)),
  );
}

/** Absent fields match everything. */
export function toleratesDeviceTaint(toleration: DeviceToleration, taint: DeviceTaint): boolean {
  const { key = '', operator = 'Equal', value = '', effect } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  return operator === 'Exists' || value === (taint.value ?? '');
}
