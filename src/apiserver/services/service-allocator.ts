/**
 * Addresses and node ports of Services. Every one handed out is a key of its own in the store, written in
 * the same commit as its Service under the condition that nobody has it: two API servers can never give it
 * twice, and a Service that is gone leaves nothing behind.
 *
 * Inputs: the Service to be stored and the stored one. Outputs: the Service with what it got, the keys to
 * take and to give back. Invariants: planning again what is planned already changes nothing; a lower band
 * of both ranges is left to those who ask for an address or port by its number (upstream's KEP-3070 and
 * KEP-3668).
 */

import { contains, formatAddress, parseAddress, type Network } from '../../api/addresses/addresses.ts';
import { invalid, type FieldError } from '../../api/field/field-error.ts';
import { internalError, invalidError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { Service, ServiceSpec } from '../../api/types.gen.ts';
import type { Clock, Random } from '../../host/host.ts';
import type { Change, Store } from '../../store/store.ts';
import type { CompanionPlan, Companions } from '../registry/companions.ts';
import { addressEntry, addressKey, nodePortEntry, nodePortKey } from './allocation-keys.ts';
import { defaultFamilies } from './ip-families.ts';
import { serviceNetworks } from './service-network.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const NODE_PORTS: PortRange = { first: 30_000, last: 32_767 };

export interface ServiceAllocatorParts {
  readonly store: Store<KubernetesObject>;
  /** `10.43.0.0/16`: what counts as long as there is no ServiceCIDR. */
  readonly serviceCidr: string;
  readonly nodePorts: PortRange;
  readonly random: Random;
  readonly clock: Clock;
}

/** What a Service holds. */
interface Holdings {
  readonly addresses: ReadonlySet<string>;
  readonly ports: ReadonlySet<number>;
}

export class ServiceAllocator implements Companions {
  readonly #parts: ServiceAllocatorParts;

  constructor(parts: ServiceAllocatorParts) {
    this.#parts = parts;
  }

  plan(resource: Resource, object: KubernetesObject, old: KubernetesObject | undefined): CompanionPlan {
    if (!isServices(resource)) return { object, changes: [], preconditions: [] };
    const service = object as Service;
    const held = holdingsOf((old as Service | undefined)?.spec);
    const spec = this.#allocate(service, held);
    const next = spec === service.spec ? service : { ...service, spec };
    const wanted = holdingsOf(spec);
    const taken = [
      ...difference(wanted.addresses, held.addresses).map((ip) => ({
        type: 'put' as const,
        key: addressKey(ip),
        value: addressEntry(ip, service, this.#parts.random.uuid(), this.#parts.clock.now()),
      })),
      ...difference(wanted.ports, held.ports).map((port) => ({
        type: 'put' as const,
        key: nodePortKey(port),
        value: nodePortEntry(port, service),
      })),
    ];
    const released = releases({
      addresses: new Set(difference(held.addresses, wanted.addresses)),
      ports: new Set(difference(held.ports, wanted.ports)),
    });
    return {
      object: next,
      changes: [...taken, ...released],
      preconditions: taken.map(({ key }) => ({ key, modRevision: 0 })),
    };
  }

  release(resource: Resource, object: KubernetesObject): readonly Change<KubernetesObject>[] {
    return isServices(resource) ? releases(holdingsOf((object as Service).spec)) : [];
  }

  /** Throws `Invalid` for what was asked by its number and cannot be had. */
  #allocate(service: Service, held: Holdings): ServiceSpec {
    const errors: FieldError[] = [];
    const families = defaultFamilies(service.spec, errors);
    const addressed = this.#withAddress(families, held, errors);
    const spec = this.#withPorts(addressed, held, errors);
    if (errors.length > 0) {
      const { name = '' } = service.metadata;
      throw invalidError({ group: '', resource: 'Service' }, name, errors);
    }
    return spec;
  }

  #withAddress(spec: ServiceSpec, held: Holdings, errors: FieldError[]): ServiceSpec {
    if (spec.type === 'ExternalName') return spec;
    const given = spec.clusterIPs?.[0] ?? spec.clusterIP ?? '';
    if (given === 'None') return withAddress(spec, given);
    if (given === '') return withAddress(spec, this.#freeAddress());
    const address = parseAddress(given);
    // What is no address at all is refused by validation.
    if (address !== undefined && !held.addresses.has(given)) {
      const problem = this.#addressProblem(given, address);
      const detail = `failed to allocate IP ${given}: ${problem ?? ''}`;
      if (problem !== undefined) errors.push(invalid('spec.clusterIPs', [given], detail));
    }
    return withAddress(spec, given);
  }

  #addressProblem(text: string, address: number): string | undefined {
    const isUsable = this.#openNetworks().some(
      (network) =>
        contains(network, address) && address !== network.base && address !== network.base + network.size - 1,
    );
    if (!isUsable) return 'the provided network does not match the current range';
    const isTaken = this.#parts.store.get(addressKey(text)) !== undefined;
    return isTaken ? 'provided IP is already allocated' : undefined;
  }

  #freeAddress(): string {
    for (const { base, size } of this.#openNetworks()) {
      const usable = size - 2;
      const reserved = usable <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256);
      const isFree = (offset: number): boolean =>
        this.#parts.store.get(addressKey(formatAddress(base + 1 + offset))) === undefined;
      const offset = this.#pick(reserved, usable, isFree);
      if (offset !== undefined) return formatAddress(base + 1 + offset);
    }
    throw internalError('failed to allocate a serviceIP: range is full');
  }

  #openNetworks(): readonly Network[] {
    const { store, serviceCidr } = this.#parts;
    return serviceNetworks(store, serviceCidr)
      .filter(({ isOpen }) => isOpen)
      .map(({ network }) => network);
  }

  #withPorts(spec: ServiceSpec, held: Holdings, errors: FieldError[]): ServiceSpec {
    const taken = new Set<number>();
    let next = spec;
    const wants = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
    const allocates =
      spec.type === 'NodePort' ||
      (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
    if (wants) {
      const ports = (spec.ports ?? []).map((port, i) => {
        const { nodePort = 0 } = port;
        if (nodePort === 0) return port;
        const problem = taken.has(nodePort) ? undefined : this.#portProblem(nodePort, held);
        if (problem !== undefined) errors.push(invalid(`spec.ports[${i}].nodePort`, nodePort, problem));
        taken.add(nodePort);
        return port;
      });
      const filled = allocates ? this.#fillPorts(ports, taken) : ports;
      if (filled.some((port, i) => port !== spec.ports?.[i])) next = { ...spec, ports: filled };
    }
    if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') return next;
    const { healthCheckNodePort = 0 } = next;
    if (healthCheckNodePort === 0) return { ...next, healthCheckNodePort: this.#freePort(taken) };
    const problem = this.#portProblem(healthCheckNodePort, held);
    if (problem !== undefined) {
      const detail = `failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: ${problem}`;
      errors.push(invalid('spec.healthCheckNodePort', healthCheckNodePort, detail));
    }
    return next;
  }

  /** One port for several protocols stays one number on the node too. */
  #fillPorts(
    ports: NonNullable<ServiceSpec['ports']>,
    taken: Set<number>,
  ): NonNullable<ServiceSpec['ports']> {
    const byPort = new Map<string, number>();
    const protocols = new Set(ports.map((port) => `${port.nodePort ?? 0} ${port.protocol ?? ''}`));
    for (const { port, nodePort = 0 } of ports) if (nodePort !== 0) byPort.set(String(port), nodePort);
    return ports.map((port) => {
      if ((port.nodePort ?? 0) !== 0) return port;
      const shared = byPort.get(String(port.port));
      const usable = shared !== undefined && !protocols.has(`${shared} ${port.protocol ?? ''}`);
      const nodePort = usable ? shared : this.#freePort(taken);
      taken.add(nodePort);
      byPort.set(String(port.port), nodePort);
      protocols.add(`${nodePort} ${port.protocol ?? ''}`);
      return { ...port, nodePort };
    });
  }

  #portProblem(port: number, held: Holdings): string | undefined {
    if (held.ports.has(port)) return undefined;
    const { first, last } = this.#parts.nodePorts;
    if (port < first || port > last) {
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    }
    const isTaken = this.#parts.store.get(nodePortKey(port)) !== undefined;
    return isTaken ? 'provided port is already allocated' : undefined;
  }

  #freePort(taken: ReadonlySet<number>): number {
    const { first, last } = this.#parts.nodePorts;
    const size = last - first + 1;
    const reserved = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128);
    const isFree = (offset: number): boolean =>
      !taken.has(first + offset) && this.#parts.store.get(nodePortKey(first + offset)) === undefined;
    const offset = this.#pick(reserved, size, isFree);
    if (offset === undefined) throw internalError('failed to allocate a nodePort: range is full');
    return first + offset;
  }

  /** A free offset: from a random one upwards, around; from the reserved band only when all else is taken. */
  #pick(reserved: number, size: number, isFree: (offset: number) => boolean): number | undefined {
    const open = size - reserved;
    const start = open > 0 ? this.#parts.random.integer(open) : 0;
    for (let i = 0; i < open; i++) {
      const offset = reserved + ((start + i) % open);
      if (isFree(offset)) return offset;
    }
    for (let offset = reserved - 1; offset >= 0; offset--) if (isFree(offset)) return offset;
    return undefined;
  }
}

function isServices({ definition }: Resource): boolean {
  return definition.group === '' && definition.plural === 'services';
}

function withAddress(spec: ServiceSpec, address: string): ServiceSpec {
  if (spec.clusterIP === address && spec.clusterIPs?.[0] === address) return spec;
  return { ...spec, clusterIP: address, clusterIPs: [address, ...(spec.clusterIPs ?? []).slice(1)] };
}

function holdingsOf(spec: ServiceSpec | undefined): Holdings {
  if (spec === undefined) return { addresses: new Set(), ports: new Set() };
  const addresses = (spec.clusterIPs ?? []).filter((ip) => parseAddress(ip) !== undefined);
  const ports = [...(spec.ports ?? []).map((port) => port.nodePort ?? 0), spec.healthCheckNodePort ?? 0];
  return { addresses: new Set(addresses), ports: new Set(ports.filter((port) => port !== 0)) };
}

function difference<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): T[] {
  return [...a].filter((item) => !b.has(item));
}

function releases({ addresses, ports }: Holdings): readonly Change<KubernetesObject>[] {
  return [...[...addresses].map(addressKey), ...[...ports].map(nodePortKey)].map((key) => ({
    type: 'delete' as const,
    key,
  }));
}
