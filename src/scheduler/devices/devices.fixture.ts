/** For tests: slices of devices, classes and claims, with just what the allocator looks at. */

import { DeviceSelection } from '../../api/groups/resource/device-selection.ts';
import type {
  Device,
  DeviceClass,
  DeviceClaim,
  Node,
  ResourceSlice,
  ResourceSliceSpec,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import { allocate, type AllocationOutcome } from './allocator.ts';
import { consumptionFrom } from './capacity.ts';
import { PoolIndex } from './pools.ts';

export const DRIVER = 'd.example.com';

export function node(name: string, labels: { readonly [key: string]: string } = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: {},
    status: { allocatable: { cpu: '8', memory: '8Gi', pods: '10' } },
  } as unknown as Node;
}

export interface SliceInput extends Partial<Omit<ResourceSliceSpec, 'pool' | 'devices'>> {
  readonly pool?: string;
  readonly generation?: number;
  readonly count?: number;
  readonly devices: readonly Device[];
}

export function slice(name: string, input: SliceInput): ResourceSlice {
  const { pool = name, generation = 1, count = 1, ...spec } = input;
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name },
    spec: { driver: DRIVER, pool: { name: pool, generation, resourceSliceCount: count }, ...spec },
  };
}

export function device(name: string, kind?: string, more: Partial<Device> = {}): Device {
  return { name, ...(kind === undefined ? {} : { attributes: { kind: { string: kind } } }), ...more };
}

export function deviceClass(name: string, expression?: string): DeviceClass {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name },
    spec: expression === undefined ? {} : { selectors: [{ cel: { expression } }] },
  };
}

export function ofKind(kind: string): { readonly cel: { readonly expression: string } } {
  return { cel: { expression: `device.attributes["${DRIVER}"].kind == "${kind}"` } };
}

/** Requests by name; each of class `any` unless it says otherwise. */
export function claim(
  name: string,
  requests: { readonly [name: string]: object },
  more: Partial<DeviceClaim> = {},
): ResourceV1ResourceClaim {
  const plain = (request: object): object => ({
    deviceClassName: 'any',
    allocationMode: 'ExactCount',
    count: 1,
    ...request,
  });
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { namespace: 'default', name, uid: `uid-${name}`, resourceVersion: '1' },
    spec: {
      devices: {
        requests: Object.entries(requests).map(([request, wanted]) =>
          'firstAvailable' in wanted && Array.isArray(wanted.firstAvailable)
            ? { name: request, firstAvailable: wanted.firstAvailable.map(plain) }
            : { name: request, exactly: plain(wanted) },
        ),
        ...more,
      },
    },
    status: {},
  } as ResourceV1ResourceClaim;
}

export interface Setting {
  readonly slices: readonly ResourceSlice[];
  readonly classes?: readonly DeviceClass[];
  /** `pool/device` */
  readonly allocated?: readonly string[];
  /** `pool/device` of shared ones, with what is consumed already. */
  readonly consumed?: { readonly [device: string]: { readonly [capacity: string]: string } };
  readonly on?: Node;
}

const selection = new DeviceSelection();

export function allocateIn(
  setting: Setting,
  ...claims: readonly ResourceV1ResourceClaim[]
): AllocationOutcome {
  const { slices, classes = [], allocated = [], consumed = {}, on = node('n') } = setting;
  const taken = new Set(allocated.map((one) => `${DRIVER}/${one}`));
  return allocate({
    node: on,
    claims,
    pools: new PoolIndex(slices),
    classOf: (name) => [deviceClass('any'), ...classes].find(({ metadata }) => metadata.name === name),
    isAllocated: (id) => taken.has(id),
    consumedOf: (id) => {
      const found = consumed[id.slice(DRIVER.length + 1)];
      return found && consumptionFrom(found);
    },
    selection,
  });
}

/** `request=device` of all claims, or why not. */
export function given(outcome: AllocationOutcome): string {
  if (outcome.outcome === 'none') return 'none';
  if (outcome.outcome === 'problem') return outcome.reason;
  return outcome.given
    .flat()
    .map(({ device: { device: one }, alternative }) => `${alternative.name}=${one.name}`)
    .join(' ');
}
