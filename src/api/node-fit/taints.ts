/** Whether tolerations put up with taints. Pure. */

import type { Node, Taint, Toleration } from '../types.gen.ts';

/** The first taint that keeps a pod off the node. */
export function untolerated(node: Node, tolerations: readonly Toleration[]): Taint | undefined {
  for (const taint of node.spec.taints ?? []) {
    if (taint.effect !== 'PreferNoSchedule' && !toleratesTaint(tolerations, taint)) return taint;
  }
  return undefined;
}

export function toleratesTaint(tolerations: readonly Toleration[], taint: TaintLike): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

type TaintLike = Pick<Taint, 'key' | 'value' | 'effect'>;

/** Absent fields match everything; a toleration without a key and operator Exists tolerates all. */
export function tolerates(toleration: Toleration, taint: TaintLike): boolean {
  const { key = '', operator = 'Equal', value = '', effect = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  switch (operator) {
    case 'Exists':
      return true;
    case 'Lt':
    case 'Gt':
      return compares(operator, taint.value ?? '', value);
    default:
      // An empty key with Equal matches nothing but the empty key.
      return (key !== '' || taint.key === '') && value === (taint.value ?? '');
  }
}

/** Numeric tolerations (KEP-5471): the taint's value against the toleration's. */
function compares(operator: 'Lt' | 'Gt', taintValue: string, value: string): boolean {
  if (!/^-?\d+$/.test(taintValue) || !/^-?\d+$/.test(value)) return false;
  return operator === 'Lt' ? Number(taintValue) < Number(value) : Number(taintValue) > Number(value);
}
