/**
 * The Services that select a pod, found by its labels: whoever asks each Service of a namespace about each
 * pod does too much as soon as there are thousands.
 */

import { services } from '../../api/groups/core/service/service.ts';
import type { Pod, Service } from '../../api/types.gen.ts';
import type { Informers } from './informer.ts';

/** Services by one label that the pods they select must have. */
const BY_LABEL = 'label-of-selected';

export function servicesSelecting(informers: Informers): (pod: Pod) => readonly Service[] {
  informers.index(services, BY_LABEL, ({ metadata, spec }) => {
    const [label] = Object.entries(spec.selector ?? {});
    return label === undefined ? [] : [labelKey(metadata.namespace, ...label)];
  });
  const all = informers.of(services);
  return ({ metadata: { namespace, labels = {} } }) =>
    Object.entries(labels).flatMap(([key, value]) =>
      all
        .byIndex(BY_LABEL, labelKey(namespace, key, value))
        .filter(({ spec }) => Object.entries(spec.selector ?? {}).every(([k, v]) => labels[k] === v)),
    );
}

function labelKey(namespace: string | undefined, key: string, value: string): string {
  return `${namespace ?? ''}\n${key}\n${value}`;
}
