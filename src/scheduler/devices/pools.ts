/**
 * Pools of devices, gathered from the slices that drivers publish. Only the newest generation of a pool
 * counts; a pool that is not there in full, or has two devices of one name, gives nothing.
 *
 * Most pools belong to one node. They are found by its name, so that a node costs the same in a cluster of
 * any size.
 */

import { matchesTerm } from '../../api/node-fit/node-affinity.ts';
import type { Device, Node, NodeSelector, ResourceSlice } from '../../api/types.gen.ts';

export interface PooledDevice {
  readonly driver: string;
  readonly pool: Pool;
  readonly device: Device;
  /** `driver/pool/device` */
  readonly id: string;
  readonly slice: ResourceSlice;
}

export interface Pool {
  readonly driver: string;
  readonly name: string;
  /** Some slices of the newest generation are still on their way. */
  readonly isIncomplete: boolean;
  /** Two devices have one name. */
  readonly isInvalid: boolean;
  readonly devices: readonly PooledDevice[];
  readonly slices: readonly ResourceSlice[];
}

export interface PoolsOfNode {
  readonly pools: readonly Pool[];
  /** Of all these pools, those that can be used on the node, in order. */
  readonly devices: readonly PooledDevice[];
}

export function deviceId(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`;
}

export class PoolIndex {
  readonly #ofNode = new Map<string, Pool[]>();
  /** That may be reached from several nodes. */
  readonly #wide: Pool[] = [];
  /** What was found out for nodes as they are. */
  readonly #found = new WeakMap<Node, PoolsOfNode>();

  constructor(slices: readonly ResourceSlice[]) {
    for (const pool of poolsIn(slices)) {
      const nodeName = pool.slices[0]?.spec.nodeName ?? '';
      const isLocal = nodeName !== '' && pool.slices.every(({ spec }) => spec.nodeName === nodeName);
      if (!isLocal) this.#wide.push(pool);
      else if (!this.#ofNode.has(nodeName)) this.#ofNode.set(nodeName, [pool]);
      else this.#ofNode.get(nodeName)?.push(pool);
    }
  }

  of(node: Node): PoolsOfNode {
    let found = this.#found.get(node);
    if (found === undefined) this.#found.set(node, (found = this.#find(node)));
    return found;
  }

  #find(node: Node): PoolsOfNode {
    const own = this.#ofNode.get(node.metadata.name ?? '') ?? [];
    const pools = [...own, ...this.#wide].toSorted(byName);
    const reachable = pools.filter((pool) => pool.devices.some((device) => isReachable(device, node)));
    return {
      pools: reachable,
      devices: reachable.flatMap(({ devices }) => devices.filter((device) => isReachable(device, node))),
    };
  }
}

function byName(a: Pool, b: Pool): number {
  const [left, right] = [`${a.driver}/${a.name}`, `${b.driver}/${b.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

function poolsIn(slices: readonly ResourceSlice[]): readonly Pool[] {
  const groups = Map.groupBy(slices, ({ spec }) => `${spec.driver}/${spec.pool.name}`);
  return [...groups.values()].map((group) => {
    const newest = Math.max(...group.map(({ spec }) => spec.pool.generation));
    return poolOf(
      group
        .filter(({ spec }) => spec.pool.generation === newest)
        .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)),
    );
  });
}

function poolOf(slices: readonly ResourceSlice[]): Pool {
  const [first] = slices;
  const { driver = '', pool: { name = '', resourceSliceCount = 0 } = {} } = first?.spec ?? {};
  const devices: PooledDevice[] = [];
  const pool: Pool = {
    driver,
    name,
    isIncomplete: slices.length !== resourceSliceCount,
    isInvalid: hasDoubles(slices),
    devices,
    slices,
  };
  for (const slice of slices)
    for (const device of slice.spec.devices ?? [])
      devices.push({ driver, pool, device, id: deviceId(driver, name, device.name), slice });
  return pool;
}

function hasDoubles(slices: readonly ResourceSlice[]): boolean {
  const names = slices.flatMap(({ spec }) => (spec.devices ?? []).map(({ name }) => name));
  return new Set(names).size < names.length;
}

interface Place {
  readonly nodeName?: string;
  readonly nodeSelector?: NodeSelector;
  readonly allNodes?: boolean;
}

/** Where a device is: its slice says so, or leaves it to each device. */
export function placeOf({ slice, device }: PooledDevice): Place {
  return slice.spec.perDeviceNodeSelection === true ? device : slice.spec;
}

function isReachable(device: PooledDevice, node: Node): boolean {
  const { nodeName = '', nodeSelector, allNodes } = placeOf(device);
  if (nodeName !== '') return node.metadata.name === nodeName;
  if (allNodes === true) return true;
  return nodeSelector?.nodeSelectorTerms.some((term) => matchesTerm(term, node)) === true;
}
