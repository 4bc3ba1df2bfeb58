/**
 * Pod: containers that run together on one node.
 *
 * `pod-defaults.ts` fills in, `validate-pod-spec.ts` (shared with templates) and `validate-pod-update.ts`
 * judge, `pod-warnings.ts` warns, `quality-of-service.ts` classifies, `pod-columns.ts` shows.
 */

import { ROOT_PATH } from '../../../field/field-error.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Pod, PodCondition, PodSpec } from '../../../types.gen.ts';
import { bySpec } from './by-spec.ts';
import { POD_COLUMNS } from './pod-columns.ts';
import { defaultPod } from './pod-defaults.ts';
import { withMergedLabelKeys } from './label-keys.ts';
import { podWarnings } from './pod-warnings.ts';
import { qosClass } from './quality-of-service.ts';
import { validatePodAnnotations } from './validate-pod-annotations.ts';
import { validatePodSpec } from './validate-pod-spec.ts';
import { validateImageReferences } from './validate-volume.ts';
import { validatePodUpdate } from './validate-pod-update.ts';

export const pods: ResourceDefinition<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  message: 'core/v1.Pod',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  subresources: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
    {
      name: 'proxy',
      kind: 'PodProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
    { name: 'resize', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
  ],
  defaults: defaultPod,
  prepareForCreate: (pod) => ({
    ...pod,
    spec: withMergedLabelKeys(pod.spec, pod.metadata.labels),
    status: { phase: 'Pending', qosClass: classOf(pod.spec), ...gatedCondition(pod) },
  }),
  // What a client may not change keeps its value when it is simply left out.
  prepareForUpdate: (next, old) => ({ ...next, spec: keepEphemeral(next.spec, old.spec) }),
  validate: ({ metadata, spec }) => [
    ...validatePodAnnotations(ROOT_PATH.child('metadata', 'annotations'), metadata.annotations, spec),
    ...specErrors(spec),
  ],
  validateUpdate: validatePodUpdate,
  warnings: podWarnings,
  deletionGraceSeconds: graceSeconds,
  selectableFieldNames: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status.phase ?? '',
    'status.podIP': status.podIPs?.[0]?.ip ?? status.podIP ?? '',
    'status.nominatedNodeName': status.nominatedNodeName ?? '',
  }),
  columns: POD_COLUMNS,
};

const specErrors = bySpec((spec) => [
  ...validateImageReferences(ROOT_PATH.child('spec', 'volumes'), spec.volumes ?? []),
  ...validatePodSpec(ROOT_PATH.child('spec'), spec),
]);
const classOf = bySpec(qosClass);

/** Nobody has to be asked to stop where nothing runs: not bound to a node yet, or finished already. */
function graceSeconds({ spec, status }: Pod, requested: number | undefined): number {
  if ((spec.nodeName ?? '') === '' || status.phase === 'Succeeded' || status.phase === 'Failed') return 0;
  const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

/** Ephemeral containers change through their own subresource only. */
function keepEphemeral(next: PodSpec, old: PodSpec): PodSpec {
  const { ephemeralContainers: _ignored, ...rest } = next;
  return old.ephemeralContainers === undefined
    ? rest
    : { ...rest, ephemeralContainers: old.ephemeralContainers };
}

function gatedCondition({ spec }: Pod): { readonly conditions?: readonly PodCondition[] } {
  if ((spec.schedulingGates ?? []).length === 0) return {};
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  };
  return { conditions: [condition] };
}
