/** The pod of a DaemonSet for one node, and which node a pod is for. Pure; as upstream's `daemonset_util.go`. */

import type { Draft } from '../../api/meta/object.ts';
import type { Affinity, DaemonSet, OwnerReference, Pod, PodSpec, Toleration } from '../../api/types.gen.ts';
import { podFromTemplate } from '../pod-template/pod-template.ts';

/** On pods and revisions: the hash of the template that they are of. */
export const HASH_LABEL = 'controller-revision-hash';
const GENERATION_LABEL = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

/** Daemons stay on nodes in trouble. */
const TOLERATED = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
] as const;
/** What runs in the node's own network may be there to set up the others'. */
const TOLERATED_BY_HOST_NETWORK = [['node.kubernetes.io/network-unavailable', 'NoSchedule']] as const;

/** Those of the template, and those that every daemon has. */
export function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): readonly Toleration[] {
  const added = [...TOLERATED, ...(hostNetwork === true ? TOLERATED_BY_HOST_NETWORK : [])];
  let all = tolerations;
  for (const [key, effect] of added) all = withToleration(all, { key, operator: 'Exists', effect });
  return all;
}

/** In the place of one that differs only in how long it holds. */
function withToleration(all: readonly Toleration[], added: Toleration): readonly Toleration[] {
  const isSame = ({ key, operator, effect, value = '' }: Toleration): boolean =>
    key === added.key && operator === added.operator && effect === added.effect && value === '';
  return all.some(isSame)
    ? all.map((toleration) => (isSame(toleration) ? added : toleration))
    : [...all, added];
}

export function daemonPod(set: DaemonSet, node: string, hash: string, owner: OwnerReference): Draft<Pod> {
  const { template } = set.spec;
  const { metadata, spec } = podFromTemplate(template, set.metadata.namespace ?? '', owner);
  const generation = set.metadata.annotations?.[GENERATION_ANNOTATION];
  return {
    metadata: {
      ...metadata,
      labels: {
        ...metadata?.labels,
        ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }),
        [HASH_LABEL]: hash,
      },
    },
    spec: {
      ...spec,
      tolerations: daemonTolerations(template.spec),
      affinity: pinnedTo(node, template.spec.affinity),
    },
  };
}

/** The scheduler binds it to this node only; what the template requires is known to hold there. */
function pinnedTo(node: string, affinity: Affinity | undefined): Affinity {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }] as const;
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  };
}

/** Where it runs, or where it waits to run; undefined when it says neither. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const pins = (required?.nodeSelectorTerms ?? [])
    .flatMap(({ matchFields = [] }) => matchFields)
    .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
  const [pin] = pins;
  return pin?.values?.length === 1 ? pin.values[0] : undefined;
}

export function hashOf({ metadata }: Pod): string {
  return metadata.labels?.[HASH_LABEL] ?? '';
}
