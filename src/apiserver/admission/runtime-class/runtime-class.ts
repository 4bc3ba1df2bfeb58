/**
 * RuntimeClass: a pod that names a class gets what pods of that class need beside their containers, and the
 * nodes that have the runtime; a class that is not there is refused.
 */

import { runtimeClasses } from '../../../api/groups/node/runtime-class/runtime-class.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { compareQuantities, quantityOf } from '../../../api/quantity/quantity.ts';
import type { Pod, PodSpec, RuntimeClass, Scheduling, Toleration } from '../../../api/types.gen.ts';
import type { Store } from '../../../store/store.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

type Refuse = (why: string) => never;

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
const WITHOUT_CLASS = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';

export function runtimeClassAdmission(store: Store<KubernetesObject>): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    kinds: ['/pods'],
    mutate: (request) => {
      if (!isNewPod(request)) return request.object;
      const pod = request.object as Pod;
      const refuse = refusing(request);
      const named = classOf(store, pod.spec, refuse);
      if (named === undefined) return pod;
      return { ...pod, spec: withScheduling(withOverhead(pod.spec, named, refuse), named, refuse) };
    },
    validate: (request) => {
      if (!isNewPod(request)) return;
      const { spec } = request.object as Pod;
      const refuse = refusing(request);
      const fixed = classOf(store, spec, refuse)?.overhead;
      if (fixed === undefined) {
        if (spec.overhead !== undefined) refuse(WITHOUT_CLASS);
      } else if (!areEqual(fixed.podFixed, spec.overhead)) refuse(MISMATCH);
    },
  };
}

function isNewPod({ operation, target }: AdmissionRequest): boolean {
  return operation === 'CREATE' && target.subresource === '';
}

function refusing({ resource, object }: AdmissionRequest): Refuse {
  return (why) => {
    throw forbiddenError(resource.subject, object?.metadata.name ?? '', why);
  };
}

function classOf(
  store: Store<KubernetesObject>,
  { runtimeClassName: name }: PodSpec,
  refuse: Refuse,
): RuntimeClass | undefined {
  if (name === undefined) return undefined;
  return lookUp(store, runtimeClasses, '', name) ?? refuse(`pod rejected: RuntimeClass "${name}" not found`);
}

function withOverhead(spec: PodSpec, { overhead }: RuntimeClass, refuse: Refuse): PodSpec {
  if (overhead === undefined) return spec;
  if (spec.overhead !== undefined && !areEqual(overhead.podFixed, spec.overhead)) return refuse(MISMATCH);
  const { overhead: _, ...rest } = spec;
  return overhead.podFixed === undefined ? rest : { ...rest, overhead: overhead.podFixed };
}

type Amounts = PodSpec['overhead'];

function areEqual(one: Amounts = {}, other: Amounts = {}): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => {
      const [a, b] = [one[name], other[name]];
      return a !== undefined && b !== undefined && compareQuantities(quantityOf(a), quantityOf(b)) === 0;
    })
  );
}

function withScheduling(spec: PodSpec, { scheduling }: RuntimeClass, refuse: Refuse): PodSpec {
  if (scheduling === undefined) return spec;
  const nodeSelector = mergedSelector(spec.nodeSelector, scheduling, refuse);
  const tolerations = mergedTolerations([...(spec.tolerations ?? []), ...(scheduling.tolerations ?? [])]);
  return {
    ...spec,
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations.length === 0 ? {} : { tolerations }),
  };
}

function mergedSelector(
  own: PodSpec['nodeSelector'],
  { nodeSelector: added }: Scheduling,
  refuse: Refuse,
): PodSpec['nodeSelector'] {
  if (added === undefined) return own;
  for (const [key, value] of Object.entries(added)) {
    const mine = own?.[key];
    if (mine === undefined || mine === value) continue;
    const theirs = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}`;
    refuse(`conflict: ${theirs}; pod.spec.nodeSelector[${key}] = ${mine}`);
  }
  return { ...own, ...added };
}

/** Of two of which one says all that the other does, that one is kept; of two equal ones the first. */
function mergedTolerations(all: readonly Toleration[]): readonly Toleration[] {
  const kept: Toleration[] = [];
  for (const [i, one] of all.entries()) {
    const isCovered = kept.some((other) => covers(other, one));
    const isWidened = all.slice(i + 1).some((later) => !deepEqual(one, later) && covers(later, one));
    if (!isCovered && !isWidened) kept.push(one);
  }
  return kept;
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (deepEqual(wide, narrow)) return true;
  const { key = '', operator = 'Equal', effect = '', tolerationSeconds } = wide;
  if (key !== (narrow.key ?? '') && (key !== '' || operator !== 'Exists')) return false;
  if (effect !== '' && effect !== narrow.effect) return false;
  if (effect === 'NoExecute' && tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > tolerationSeconds) return false;
  }
  if (operator === 'Exists') return true;
  return operator === 'Equal' && narrow.operator === 'Equal' && (wide.value ?? '') === (narrow.value ?? '');
}
