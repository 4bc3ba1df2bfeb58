/** What containers get from a LimitRange when they do not say it themselves; pure. */

import type { Container, LimitRangeItem, Pod } from '../../../api/types.gen.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

type List = { readonly [name: string]: string };

export function withDefaults(items: readonly LimitRangeItem[], pod: Pod): Pod {
  const own = items.filter(({ type }) => type === 'Container');
  const limits: List = Object.assign({}, ...own.map((item) => item.default ?? {}));
  const requests: List = Object.assign({}, ...own.map((item) => item.defaultRequest ?? {}));
  const said: string[] = [];
  const fill = (container: Container, what: string): Container => {
    const { resources } = container;
    // Requests that are not said are those of the limits: only what has neither is filled in.
    const asked = { ...resources.limits, ...resources.requests };
    const [newRequests, newLimits] = [lacking(requests, asked), lacking(limits, resources.limits ?? {})];
    const note = (list: List, side: string): void => {
      const names = Object.keys(list).toSorted();
      if (names.length > 0) said.push(`${names.join(', ')} ${side} for ${what} ${container.name}`);
    };
    note(newRequests, 'request');
    note(newLimits, 'limit');
    if (Object.keys({ ...newRequests, ...newLimits }).length === 0) return container;
    return {
      ...container,
      resources: {
        ...resources,
        limits: { ...resources.limits, ...newLimits },
        requests: { ...asked, ...newRequests },
      },
    };
  };
  const containers = pod.spec.containers.map((container) => fill(container, 'container'));
  const initContainers = pod.spec.initContainers?.map((container) => fill(container, 'init container'));
  if (said.length === 0) return pod;
  const annotation = `LimitRanger plugin set: ${said.join('; ')}`;
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, [ANNOTATION]: annotation } },
    spec: { ...pod.spec, containers, ...(initContainers === undefined ? {} : { initContainers }) },
  };
}

function lacking(defaults: List, said: List): List {
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => said[name] === undefined));
}
