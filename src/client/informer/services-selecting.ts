/**
 * The Services that select a pod, found by its labels: whoever asks each Service of a namespace about each
 * pod does too much as soon as there are thousands.
 */

import { services } from '../../api/groups/core/service/service.ts';
import type { Pod, Service } from '../../api/types.gen.ts';
import type { Informers } from './informer.ts';

type Labels = Readonly<Record<string, string>>;
const NO_LABELS: Labels = {};
const KNOWN_MAX = 1024;

/** Services by one label that the pods they select must have. */
const BY_LABEL = 'label-of-selected';

export function servicesSelecting(informers: Informers): (pod: Pod) => readonly Service[] {
  informers.index(services, BY_LABEL, ({ metadata, spec }) => {
    const [label] = Object.entries(spec.selector ?? {});
    return label === undefined ? [] : [labelKey(metadata.namespace, ...label)];
  });
  const all = informers.of(services);
  const find = (namespace: string | undefined, labels: Labels): readonly Service[] =>
    Object.entries(labels).flatMap(([key, value]) =>
      all
        .byIndex(BY_LABEL, labelKey(namespace, key, value))
        .filter(({ spec }) => Object.entries(spec.selector ?? {}).every(([k, v]) => labels[k] === v)),
    );
  /** Replicas share their labels, and Services change less often than pods. */
  const known = new Map<
    Labels,
    { readonly namespace: string | undefined; readonly found: readonly Service[] }
  >();
  all.subscribe(() => known.clear());
  return ({ metadata: { namespace, labels = NO_LABELS } }) => {
    const before = known.get(labels);
    // Equal labels are shared by neighbours, which may live in another namespace.
    if (before !== undefined && before.namespace === namespace) return before.found;
    const found = find(namespace, labels);
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(labels, { namespace, found });
    return found;
  };
}

function labelKey(namespace: string | undefined, key: string, value: string): string {
  return `${namespace ?? ''}\n${key}\n${value}`;
}
