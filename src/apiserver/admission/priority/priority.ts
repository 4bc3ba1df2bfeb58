/** Priority: turns the name of a pod's PriorityClass into the number that scheduler and nodes go by. */

import { bySpecWith } from '../../../api/groups/core/pod/by-spec.ts';
import { priorityClasses } from '../../../api/groups/scheduling/priority-class/priority-class.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Pod, PodSpec, PriorityClass } from '../../../api/types.gen.ts';
import { prefixRange, type Store } from '../../../store/store.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

const CLASSES = '/registry/scheduling.k8s.io/priorityclasses/';

export function priorityAdmission(store: Store<KubernetesObject>): AdmissionPlugin {
  return {
    name: 'Priority',
    kinds: ['/pods', 'scheduling.k8s.io/priorityclasses'],
    mutate: (request) => {
      const { plural } = request.resource.definition;
      if (plural !== 'pods' || request.target.subresource !== '') return request.object;
      const pod = request.object as Pod;
      return request.operation === 'CREATE'
        ? { ...pod, spec: resolve(store, request, pod.spec) }
        : carry(pod, request.oldObject as Pod | undefined);
    },
    validate: (request) => {
      if (request.resource.definition.plural !== priorityClasses.plural) return;
      if (request.operation !== 'DELETE') checkOnlyDefault(store, request);
    },
  };
}

function resolve(store: Store<KubernetesObject>, request: AdmissionRequest, spec: PodSpec): PodSpec {
  const refuse = (why: string): never => {
    throw forbiddenError(request.resource.subject, request.object?.metadata.name ?? '', why);
  };
  const { priorityClassName: name = '' } = spec;
  const named = name === '' ? defaultClass(store) : lookUp(store, priorityClasses, '', name);
  if (name !== '' && named === undefined) refuse(`no PriorityClass with name ${name} was found`);
  const { priority, preemptionPolicy: policy } = rankOf(named);
  const computed = 'priority admission controller computed';
  const from = 'from the given PriorityClass name';
  if (spec.priority !== undefined && spec.priority !== priority) {
    const given = `the integer value of priority (${spec.priority}) must not be provided in pod spec`;
    refuse(`${given}; ${computed} ${priority} ${from}`);
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const given = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec`;
    refuse(`${given}; ${computed} ${policy} ${from}`);
  }
  return ranked(spec, named ?? NO_CLASS);
}

const NO_CLASS = 'none';

const ranked = bySpecWith((spec, given: PriorityClass | typeof NO_CLASS): PodSpec => {
  const named = given === NO_CLASS ? undefined : given;
  const className = named?.metadata.name;
  return {
    ...spec,
    ...(className === undefined ? {} : { priorityClassName: className }),
    ...rankOf(named),
  };
});

function rankOf(named: PriorityClass | undefined): Required<Pick<PodSpec, 'priority' | 'preemptionPolicy'>> {
  const preemptionPolicy = named?.preemptionPolicy === 'Never' ? 'Never' : 'PreemptLowerPriority';
  return { priority: named?.value ?? 0, preemptionPolicy };
}

/** Of several by accident, the least important. */
function defaultClass(store: Store<KubernetesObject>): PriorityClass | undefined {
  const [first, ...rest] = defaults(store);
  return rest.reduce(
    (least, next) => (least !== undefined && least.value <= next.value ? least : next),
    first,
  );
}

function defaults(store: Store<KubernetesObject>): readonly PriorityClass[] {
  const page = store.list(prefixRange(CLASSES));
  if (!page.ok) return [];
  return page.result.entries
    .map(({ value }) => value as PriorityClass)
    .filter((c) => c.globalDefault === true);
}

/** A client that knows nothing of the computed fields leaves them as they are. */
function carry(pod: Pod, old: Pod | undefined): Pod {
  const { priority, preemptionPolicy } = old?.spec ?? {};
  const spec = {
    ...pod.spec,
    ...(pod.spec.priority === undefined && priority !== undefined ? { priority } : {}),
    ...(pod.spec.preemptionPolicy === undefined && preemptionPolicy !== undefined
      ? { preemptionPolicy }
      : {}),
  };
  return { ...pod, spec };
}

function checkOnlyDefault(store: Store<KubernetesObject>, { resource, object }: AdmissionRequest): void {
  const next = object as PriorityClass | undefined;
  if (next?.globalDefault !== true) return;
  const { name = '' } = next.metadata;
  const other = defaults(store).find((c) => c.metadata.name !== name);
  if (other === undefined) return;
  const why = `PriorityClass ${other.metadata.name ?? ''} is already marked as default. Only one default can exist`;
  throw forbiddenError(resource.subject, name, why);
}
