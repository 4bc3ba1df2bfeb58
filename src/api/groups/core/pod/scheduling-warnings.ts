/** Old names of node labels, and selectors that select nothing, in where a pod wants to run. */

import type { FieldPath } from '../../../field/field-error.ts';
import type { NodeAffinity, NodeSelectorTerm, PodAffinity, PodSpec } from '../../../types.gen.ts';

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
  const { nodeSelector, affinity, topologySpreadConstraints } = spec;
  const at = path.child('affinity');
  return [
    ...selectorWarnings(path.child('nodeSelector'), nodeSelector),
    ...nodeAffinityWarnings(at.child('nodeAffinity'), affinity?.nodeAffinity),
    ...spreadWarnings(path.child('topologySpreadConstraints'), topologySpreadConstraints),
    ...podAffinityWarnings(at.child('podAffinity'), affinity?.podAffinity),
    ...podAffinityWarnings(at.child('podAntiAffinity'), affinity?.podAntiAffinity),
  ];
}

function selectorWarnings(path: FieldPath, selector: PodSpec['nodeSelector'] = {}): readonly string[] {
  return Object.keys(selector).flatMap((label) => {
    const message = OLD_LABELS[label];
    return message === undefined ? [] : [`${path.key(label).toString()}: ${message}`];
  });
}

function nodeAffinityWarnings(path: FieldPath, affinity: NodeAffinity | undefined): readonly string[] {
  if (affinity === undefined) return [];
  const terms = affinity[REQUIRED]?.nodeSelectorTerms ?? [];
  const wishes = affinity[PREFERRED] ?? [];
  return [
    ...terms.flatMap((term, i) => nodeTermWarnings(path.child(REQUIRED, 'nodeSelectorTerms').index(i), term)),
    ...wishes.flatMap(({ preference }, i) =>
      nodeTermWarnings(path.child(PREFERRED).index(i).child('preference'), preference),
    ),
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

function spreadWarnings(
  path: FieldPath,
  constraints: PodSpec['topologySpreadConstraints'] = [],
): readonly string[] {
  return constraints.flatMap(({ topologyKey, labelSelector }, i) => {
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
  if (affinity === undefined) return [];
  const needed = affinity[REQUIRED] ?? [];
  const wished = affinity[PREFERRED] ?? [];
  return [
    ...needed.map((term, i) => [term, path.child(REQUIRED).index(i)] as const),
    ...wished.map(
      (term, i) => [term.podAffinityTerm, path.child(PREFERRED).index(i).child('podAffinityTerm')] as const,
    ),
  ].flatMap(([term, at]) =>
    term.labelSelector === undefined ? [`${at.child('labelSelector').toString()}: ${NOTHING}`] : [],
  );
}
