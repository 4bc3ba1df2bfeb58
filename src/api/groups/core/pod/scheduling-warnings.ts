/** Old names of node labels, and selectors that select nothing, in where a pod wants to run. */

import type { FieldPath } from '../../../field/field-error.ts';
import type { NodeSelectorTerm, PodAffinity, PodSpec } from '../../../types.gen.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NOTHING = 'a null labelSelector results in matching no pod';

const OLD_LABELS: { readonly [label: string]: string } = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

export function schedulingWarnings(path: FieldPath, spec: PodSpec): readonly string[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const node = path.child('affinity', 'nodeAffinity');
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((label) => {
      const message = OLD_LABELS[label];
      return message === undefined ? [] : [`${path.child('nodeSelector').key(label).toString()}: ${message}`];
    }),
    ...(nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? []).flatMap((term, i) =>
      nodeTermWarnings(node.child(REQUIRED, 'nodeSelectorTerms').index(i), term),
    ),
    ...(nodeAffinity?.[PREFERRED] ?? []).flatMap(({ preference }, i) =>
      nodeTermWarnings(node.child(PREFERRED).index(i).child('preference'), preference),
    ),
    ...spreadWarnings(path.child('topologySpreadConstraints'), spec),
    ...podAffinityWarnings(path.child('affinity', 'podAffinity'), podAffinity),
    ...podAffinityWarnings(path.child('affinity', 'podAntiAffinity'), podAntiAffinity),
  ];
}

/** For the affinity of volumes too. */
export function nodeTermWarnings(path: FieldPath, term: NodeSelectorTerm): readonly string[] {
  return (term.matchExpressions ?? []).flatMap(({ key }, i) => {
    const message = OLD_LABELS[key];
    const at = path.child('matchExpressions').index(i).child('key');
    return message === undefined ? [] : [`${at.toString()}: ${key} is ${message}`];
  });
}

function spreadWarnings(path: FieldPath, spec: PodSpec): readonly string[] {
  return (spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, i) => {
    const at = path.index(i);
    const message = OLD_LABELS[topologyKey];
    return [
      ...(message === undefined
        ? []
        : [`${at.child('topologyKey').toString()}: ${topologyKey} is ${message}`]),
      ...(labelSelector === undefined ? [`${at.child('labelSelector').toString()}: ${NOTHING}`] : []),
    ];
  });
}

/** Affinity and anti-affinity have the same form. */
function podAffinityWarnings(path: FieldPath, affinity: PodAffinity | undefined): readonly string[] {
  const needed = affinity?.[REQUIRED] ?? [];
  const wished = affinity?.[PREFERRED] ?? [];
  return [
    ...needed.map((term, i) => [term, path.child(REQUIRED).index(i)] as const),
    ...wished.map(
      (term, i) => [term.podAffinityTerm, path.child(PREFERRED).index(i).child('podAffinityTerm')] as const,
    ),
  ].flatMap(([term, at]) =>
    term.labelSelector === undefined ? [`${at.child('labelSelector').toString()}: ${NOTHING}`] : [],
  );
}
