/**
 * NodeResourcesFit: requests must fit into what is left of the node; by default emptier nodes are preferred
 * (`strategies.ts` knows the others).
 */

import { deviceClasses } from '../../../api/groups/resource/device-class/device-class.ts';
import { podAmounts, signAmounts, type PodAmounts } from '../../cache/resources.ts';
import { NO_DEVICE_VIEW, signDevices, type DeviceView } from '../../devices/device-counts.ts';
import type { ClusterEvent, Refusal, SchedulerPlugin } from '../../framework.ts';
import { LEAST_ALLOCATED, scorerOf, type ScoringStrategy } from './strategies.ts';

const TOO_MANY: Refusal = { reason: 'Too many pods', resolvable: true };
const CPU = shortageOf('cpu');
const MEMORY = shortageOf('memory');
const STORAGE = shortageOf('ephemeral-storage');

export interface NodeResourcesFitArgs {
  /** Extended resources that the filter passes over. */
  readonly ignoredResources?: readonly string[];
  /** The same by what stands before the slash. */
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy?: ScoringStrategy;
}

export function nodeResourcesFit(
  {
    ignoredResources = [],
    ignoredResourceGroups = [],
    scoringStrategy = LEAST_ALLOCATED,
  }: NodeResourcesFitArgs = {},
  devices: DeviceView = NO_DEVICE_VIEW,
): SchedulerPlugin<PodAmounts> {
  const isIgnored = (name: string): boolean =>
    name.includes('/') &&
    (ignoredResources.includes(name) || ignoredResourceGroups.includes(name.slice(0, name.indexOf('/'))));
  const score = scorerOf(scoringStrategy, devices);
  const scored = scoringStrategy.resources.map(({ name }) => name);
  return {
    name: 'NodeResourcesFit',
    watches: [deviceClasses],
    wakesOn,
    sign: (pod) => {
      const names = [...(podAmounts(pod).requested.scalars?.keys() ?? [])].filter((name) =>
        devices.hasClass(name),
      );
      const own = names.length === 0 ? signAmounts(pod) : `${signAmounts(pod)} devices ${names.join(' ')}`;
      return own + signDevices(pod, scored, devices);
    },
    prepare: (pod) => ({ state: podAmounts(pod) }),
    filter: ({ requested }, _pod, node) => {
      const { allocatable, requested: used } = node;
      let problems: Refusal[] | undefined;
      const add = (refusal: Refusal): void => {
        (problems ??= []).push(refusal);
      };
      if (node.pods.size + 1 > node.allowedPods) add(TOO_MANY);
      if (requested.milliCpu > 0 && requested.milliCpu > allocatable.milliCpu - used.milliCpu)
        add(CPU.on(requested.milliCpu, allocatable.milliCpu));
      if (requested.memory > 0 && requested.memory > allocatable.memory - used.memory)
        add(MEMORY.on(requested.memory, allocatable.memory));
      if (
        requested.ephemeralStorage > 0 &&
        requested.ephemeralStorage > allocatable.ephemeralStorage - used.ephemeralStorage
      ) {
        add(STORAGE.on(requested.ephemeralStorage, allocatable.ephemeralStorage));
      }
      for (const [name, wanted] of requested.scalars ?? []) {
        const capacity = allocatable.scalars?.get(name) ?? 0;
        if (capacity === 0 && devices.hasClass(name)) continue;
        if (wanted > capacity - (used.scalars?.get(name) ?? 0) && !isIgnored(name))
          add(shortageOf(name).on(wanted, capacity));
      }
      return problems;
    },
    score: ({ assumed }, _pod, node) => score(assumed, node),
  };
}

interface Shortage {
  /** Where a node has not as much at all, other pods are not in the way. */
  on(wanted: number, capacity: number): Refusal;
}

function shortageOf(resource: string): Shortage {
  const now: Refusal = { reason: `Insufficient ${resource}`, resolvable: true };
  const ever: Refusal = { ...now, resolvable: false };
  return { on: (wanted, capacity) => (wanted > capacity ? ever : now) };
}

function wakesOn(event: ClusterEvent): boolean {
  switch (event.resource) {
    case 'Pod/Gone':
      return true;
    case 'Node':
      return event.old === undefined || event.old.status.allocatable !== event.next.status.allocatable;
    case 'Pod':
      // A pod that was scaled down in place frees something.
      return event.old !== undefined && event.old.spec !== event.next.spec;
    case 'Other':
      return event.kind === deviceClasses.kind && event.next !== undefined;
    case 'Node/Gone':
      return false;
  }
}
