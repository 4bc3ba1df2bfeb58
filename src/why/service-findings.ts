/** What keeps a Service from sending anybody anywhere. Pure. */

import type { Pod, Service } from '../api/types.gen.ts';
import { deletionFindings } from './deletion-findings.ts';
import { objectOf, type Finding, type Look } from './finding.ts';
import type { Graph } from './graph.ts';
import { podFindings } from './pod-findings.ts';
import { isOver, isReady } from './pod-state.ts';

export function lookAtService(service: Service, graph: Graph): Look {
  const { spec } = service;
  const selector = Object.entries(spec.selector ?? {});
  const common = [...deletionFindings('Service', service, graph.all.nowMs), ...balancerFindings(service)];
  if (spec.type === 'ExternalName')
    return { state: `it stands for ${spec.externalName ?? ''}`, isDone: true, findings: common };
  if (selector.length === 0)
    return { state: 'it has no selector: its endpoints are made by others', isDone: true, findings: common };
  const selected = graph.all.pods.filter(({ metadata }) =>
    selector.every(([key, value]) => metadata.labels?.[key] === value),
  );
  const pods = selected.filter((pod) => !isOver(pod) && pod.metadata.deletionTimestamp === undefined);
  const ready = pods.filter(isReady);
  const findings = [...common, ...endpointFindings(service, pods, ready, graph)];
  const isDone = ready.length > 0 && !findings.some(({ rank }) => rank !== 'note');
  return { state: `${ready.length} of the ${pods.length} pods that it selects are ready`, isDone, findings };
}

function balancerFindings(service: Service): readonly Finding[] {
  const { spec, status } = service;
  if (spec.type !== 'LoadBalancer' || (status.loadBalancer.ingress ?? []).length > 0) return [];
  return [
    {
      cause: 'no-endpoints',
      rank: 'note',
      object: objectOf('Service', service),
      message: 'it has no address outside of the cluster: nothing has given it a load balancer',
      evidence: [],
      advice: 'Install a controller for load balancers, or use its node ports.',
    },
  ];
}

function endpointFindings(
  service: Service,
  pods: readonly Pod[],
  ready: readonly Pod[],
  graph: Graph,
): readonly Finding[] {
  const about = { cause: 'no-endpoints', object: objectOf('Service', service) } as const;
  const text = Object.entries(service.spec.selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  if (pods.length === 0) {
    return [
      {
        ...about,
        rank: 'cause',
        message: `its selector ${text} matches no pod`,
        evidence: nearest(service, graph),
        advice: 'Correct spec.selector, or the labels of the pods.',
      },
    ];
  }
  const ports = portFindings(service, pods);
  if (ready.length > 0) return ports;
  const causes = pods.flatMap((pod) => podFindings(pod, graph));
  const message = `none of the ${pods.length} pods that it selects is ready`;
  const advice = 'See what holds the pods back.';
  return [
    ...ports,
    { ...about, rank: causes.length > 0 ? 'effect' : 'cause', message, evidence: [], advice },
    ...causes,
  ];
}

/** The pods that miss it by the least. */
function nearest(service: Service, graph: Graph): readonly string[] {
  const wanted = Object.entries(service.spec.selector ?? {});
  const missed = graph.all.pods.map(({ metadata }) => ({
    name: metadata.name ?? '',
    wrong: wanted.filter(([key, value]) => metadata.labels?.[key] !== value),
    labels: metadata.labels ?? {},
  }));
  const [first] = missed.toSorted((a, b) => a.wrong.length - b.wrong.length);
  if (first === undefined) return ['there is no pod in its namespace'];
  if (first.wrong.length === wanted.length && wanted.length > 1) return [];
  const has = first.wrong.map(([key]) => `${key}=${first.labels[key] ?? '(none)'}`).join(',');
  return [`the nearest pod is ${first.name}, which has ${has}`];
}

/** Ports by name that no container has. */
function portFindings(service: Service, pods: readonly Pod[]): readonly Finding[] {
  return (service.spec.ports ?? []).flatMap(({ targetPort, port }) => {
    if (typeof targetPort !== 'string') return [];
    const named = pods.some(({ spec }) =>
      spec.containers.some(({ ports = [] }) => ports.some(({ name }) => name === targetPort)),
    );
    if (named) return [];
    return [
      {
        cause: 'no-endpoints',
        rank: 'cause',
        object: objectOf('Service', service),
        message: `its port ${port} goes to the container port named ${targetPort}, and no container has one`,
        evidence: [],
        advice: 'Correct targetPort, or name the port in the pods.',
      } satisfies Finding,
    ];
  });
}
