/**
 * What follows from a pod's specification alone, found once for all replicas: they share one specification
 * from when they are decoded (`apiserver/registry/recent-parts.ts`).
 */

import { remembered, SHARED_OBJECTS_MAX } from '../../../../base/remembered.ts';
import type { PodSpec } from '../../../types.gen.ts';

/** One specification is rarely that of pods under several accounts or classes. */
const WITH_MAX = 8;

export function bySpec<V>(compute: (spec: PodSpec) => V): (spec: PodSpec) => V {
  return remembered(SHARED_OBJECTS_MAX, compute);
}

/** The same of what follows from a specification with one other object. */
export function bySpecWith<K, V>(compute: (spec: PodSpec, other: K) => V): (spec: PodSpec, other: K) => V {
  const known = bySpec((spec) => remembered(WITH_MAX, (other: K) => compute(spec, other)));
  return (spec, other) => known(spec)(other);
}
