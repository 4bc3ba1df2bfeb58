/**
 * Finds devices on a node for the claims of a pod: every request of every claim gets its devices, or
 * nothing is given. Pure.
 *
 * The search goes through requests in order and takes the first device that fits; when a later one finds
 * nothing, it turns back and tries the next. What it finds is the first solution in the order of
 * alternatives and devices, and none exists when it finds none. Devices of one request are taken in their
 * order only, since the same ones in another order are the same solution.
 *
 * A device that allows several allocations is shared by capacity (`capacity.ts`): it is free while there is
 * room for what the request consumes, also for the same claim again.
 *
 * Example: requests small (any device) and large (40Gi or more), devices a (40Gi) and b (10Gi). small takes
 * a; large finds nothing; back: small takes b, large takes a.
 *
 * Bound: the search gives up after `STEPS_MAX` looks at devices, and says so.
 */

import type { DeviceSelection } from '../../api/groups/resource/device-selection.ts';
import { untoleratedTaint } from '../../api/groups/resource/device-taints.ts';
import type { Node, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import { consumptionOf, hasRoom, isShared, NO_CONSUMPTION, type Consumption } from './capacity.ts';
import { Constraint } from './constraints.ts';
import { Counters } from './counters.ts';
import type { PooledDevice, PoolIndex, PoolsOfNode } from './pools.ts';
import { plainRequests, type Alternative, type ClassLookup, type PlainRequest } from './requests.ts';

/** A claim's status holds no more. */
const RESULTS_MAX = 32;
const STEPS_MAX = 50_000;

export interface AllocationInput {
  readonly node: Node;
  readonly claims: readonly ResourceV1ResourceClaim[];
  readonly pools: PoolIndex;
  readonly classOf: ClassLookup;
  /** By `driver/pool/device`: somebody has it alone. */
  readonly isAllocated: (id: string) => boolean;
  /** The same of a shared device: what all who have a part of it consume; undefined: nobody has. */
  readonly consumedOf: (id: string) => Consumption | undefined;
  readonly selection: DeviceSelection;
}

/** A device for one of the alternatives of a request. */
export interface Given {
  readonly device: PooledDevice;
  readonly alternative: Alternative;
  /** Of a shared device; undefined: it is had alone. */
  readonly consumed: Consumption | undefined;
}

export type AllocationOutcome =
  /** By claim, in their order. */
  | { readonly outcome: 'found'; readonly given: readonly (readonly Given[])[] }
  | { readonly outcome: 'none' }
  /** Something is wrong with a claim, a class or a pool. */
  | { readonly outcome: 'problem'; readonly reason: string };

export function allocate(input: AllocationInput): AllocationOutcome {
  try {
    const given = new Search(input).run();
    return given === undefined ? { outcome: 'none' } : { outcome: 'found', given };
  } catch (error) {
    if (error instanceof Problem) return { outcome: 'problem', reason: error.message };
    throw error;
  }
}

class Problem extends Error {}

interface ClaimSearch {
  readonly name: string;
  readonly requests: readonly PlainRequest[];
  readonly constraints: readonly Constraint[];
  readonly given: Given[];
}

interface Holder {
  readonly claim: ClaimSearch;
  readonly isAdmin: boolean;
  readonly consumption: Consumption;
}

class Search {
  readonly #input: AllocationInput;
  readonly #node: PoolsOfNode;
  readonly #claims: readonly ClaimSearch[];
  readonly #counters: Counters;
  /** Devices that were taken in this search, with the claims that have them. */
  readonly #taken = new Map<string, Holder[]>();
  /** What has been asked of devices so far: what the alternative would consume, false where it may not. */
  readonly #wanted = new Map<Alternative, Map<PooledDevice, Consumption | false>>();
  #steps = 0;

  constructor(input: AllocationInput) {
    this.#input = input;
    this.#node = input.pools.of(input.node);
    this.#counters = new Counters((id) => input.isAllocated(id) || input.consumedOf(id) !== undefined);
    this.#claims = input.claims.map((claim) => {
      const { namespace = '', name = '' } = claim.metadata;
      const requests = plainRequests(claim, input.classOf);
      if (typeof requests === 'string') throw new Problem(requests);
      const constraints = (claim.spec.devices.constraints ?? []).map((one) => new Constraint(one));
      return { name: `${namespace}/${name}`, requests, constraints, given: [] };
    });
  }

  run(): readonly (readonly Given[])[] | undefined {
    return this.#fromRequest(0, 0) ? this.#claims.map(({ given }) => [...given]) : undefined;
  }

  #fromRequest(claimAt: number, requestAt: number): boolean {
    const claim = this.#claims[claimAt];
    if (claim === undefined) return true;
    const request = claim.requests[requestAt];
    if (request === undefined) return this.#fromRequest(claimAt + 1, 0);
    return request.alternatives.some((alternative) => {
      const isAll = alternative.wants === 'all';
      const candidates = isAll ? this.#allFor(claim, alternative) : this.#node.devices;
      const count = alternative.wants === 'all' ? candidates.length : alternative.wants;
      // At least one, also when all are wanted.
      if (count === 0 || claim.given.length + count > RESULTS_MAX) return false;
      const next = (): boolean => this.#fromRequest(claimAt, requestAt + 1);
      return this.#take(claim, alternative, candidates, 0, count, next);
    });
  }

  /** Takes `count` of the candidates from `from` on, in their order, and goes on. */
  #take(
    claim: ClaimSearch,
    alternative: Alternative,
    candidates: readonly PooledDevice[],
    from: number,
    count: number,
    next: () => boolean,
  ): boolean {
    if (count === 0) return next();
    for (let at = from; at + count <= candidates.length; at++) {
      const device = candidates[at] as PooledDevice;
      if (++this.#steps > STEPS_MAX) throw new Problem('too many combinations of devices to try them all');
      if (!this.#add(claim, alternative, device)) {
        if (alternative.wants === 'all') return false;
        continue;
      }
      if (this.#take(claim, alternative, candidates, at + 1, count - 1, next)) return true;
      this.#remove(claim, alternative, device);
    }
    return false;
  }

  #add(claim: ClaimSearch, alternative: Alternative, device: PooledDevice): boolean {
    // Who has it right now comes first, as it costs least.
    if (!isShared(device.device) && !this.#isFree(claim, alternative, device)) return false;
    const consumption = this.#consumption(claim, alternative, device);
    if (consumption === false) return false;
    if (isShared(device.device) && !this.#isRoom(device, consumption)) return false;
    for (const [i, constraint] of claim.constraints.entries()) {
      if (constraint.add(device, alternative)) continue;
      for (const added of claim.constraints.slice(0, i)) added.remove(alternative);
      return false;
    }
    if (!this.#isPartlyTaken(device) && !this.#counters.take(device)) {
      for (const constraint of claim.constraints) constraint.remove(alternative);
      return false;
    }
    const holders = this.#taken.get(device.id);
    const holder = { claim, isAdmin: alternative.isAdmin, consumption };
    if (holders === undefined) this.#taken.set(device.id, [holder]);
    else holders.push(holder);
    claim.given.push({ device, alternative, consumed: isShared(device.device) ? consumption : undefined });
    return true;
  }

  #remove(claim: ClaimSearch, alternative: Alternative, device: PooledDevice): void {
    claim.given.pop();
    this.#taken.get(device.id)?.pop();
    if (!this.#isPartlyTaken(device)) this.#counters.giveBack(device);
    for (const constraint of claim.constraints) constraint.remove(alternative);
  }

  /** Whoever only looks after devices shares them with everybody, but has each once. */
  #isFree(claim: ClaimSearch, { isAdmin }: Alternative, { id }: PooledDevice): boolean {
    const isOthers = !isAdmin && this.#input.isAllocated(id);
    const holders = this.#taken.get(id);
    if (isOthers || holders === undefined) return !isOthers;
    if (holders.some((holder) => holder.claim === claim)) return false;
    return isAdmin || holders.every((holder) => holder.isAdmin);
  }

  #isRoom({ id, device }: PooledDevice, consumption: Consumption): boolean {
    if (this.#input.isAllocated(id)) return false;
    const holders = this.#taken.get(id) ?? [];
    const consumed = holders.map((holder) => holder.consumption);
    return hasRoom(device, consumption, this.#input.consumedOf(id) ?? NO_CONSUMPTION, ...consumed);
  }

  /** A shared device draws on its counters once, however many have a part of it. */
  #isPartlyTaken({ id, device }: PooledDevice): boolean {
    if (!isShared(device)) return false;
    return this.#input.consumedOf(id) !== undefined || (this.#taken.get(id)?.length ?? 0) > 0;
  }

  /** What the alternative takes of the device; false: it may not have it at all. */
  #consumption(claim: ClaimSearch, alternative: Alternative, device: PooledDevice): Consumption | false {
    let known = this.#wanted.get(alternative);
    if (known === undefined) this.#wanted.set(alternative, (known = new Map()));
    let found = known.get(device);
    if (found === undefined) {
      found = this.#isWanted(claim, alternative, device) && consumptionOn(device, alternative);
      known.set(device, found);
    }
    return found;
  }

  #allFor(claim: ClaimSearch, alternative: Alternative): readonly PooledDevice[] {
    this.#refuseUnsurePools(claim, alternative);
    return this.#node.devices.filter((device) => {
      const consumption = this.#consumption(claim, alternative, device);
      if (consumption === false || !isShared(device.device)) return consumption !== false;
      return hasRoom(device.device, consumption, this.#input.consumedOf(device.id) ?? NO_CONSUMPTION);
    });
  }

  /** Nobody knows how many "all" are. */
  #refuseUnsurePools({ name }: ClaimSearch, alternative: Alternative): void {
    for (const { driver, name: pool, isIncomplete, isInvalid } of this.#node.pools) {
      if (!isIncomplete && !isInvalid) continue;
      const state = isIncomplete ? 'being updated' : 'invalid';
      throw new Problem(
        `claim ${name}, request ${alternative.name}: asks for all devices, ` +
          `but resource pool ${driver}/${pool} is currently ${state}`,
      );
    }
  }

  #isWanted(claim: ClaimSearch, alternative: Alternative, device: PooledDevice): boolean {
    if (device.pool.isIncomplete || device.pool.isInvalid) return false;
    const { class: deviceClass, selectors, tolerations } = alternative;
    const className = `class ${deviceClass.metadata.name ?? ''}`;
    return (
      this.#isSelected(deviceClass.spec.selectors ?? [], device, className) &&
      this.#isSelected(selectors, device, `claim ${claim.name}`) &&
      untoleratedTaint(device.device, tolerations) === undefined
    );
  }

  #isSelected(
    selectors: Alternative['selectors'],
    { device, driver, id }: PooledDevice,
    whose: string,
  ): boolean {
    for (const [i, { cel }] of selectors.entries()) {
      const answer = this.#input.selection.matches(cel?.expression ?? '', device, driver);
      if ('error' in answer) throw new Problem(`${whose}: selector #${i} on device ${id}: ${answer.error}`);
      if (!answer.matches) return false;
    }
    return true;
  }
}

/** False: there is not as much of it, or not in such parts. */
function consumptionOn({ device }: PooledDevice, { capacity }: Alternative): Consumption | false {
  // Whoever has it alone has all of it.
  if (!isShared(device) && capacity === undefined) return NO_CONSUMPTION;
  const consumption = consumptionOf(device, capacity);
  return consumption !== undefined && hasRoom(device, consumption) && consumption;
}
