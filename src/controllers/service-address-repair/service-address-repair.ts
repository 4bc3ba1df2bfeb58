/**
 * Keeps Services and IPAddresses in agreement: an address that a Service has is an object, and an object is
 * an address that a Service has. Without the object somebody else could get the address as well.
 *
 * Inputs: Services, IPAddresses and ServiceCIDRs from the informers. Outputs: IPAddresses. Invariant: nothing
 * is deleted or made before the server itself was asked, since the two kinds are cached one after the other.
 */

import { hasUsableAddress } from '../../api/addresses/cidr.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { ipAddresses } from '../../api/groups/networking/ip-address/ip-address.ts';
import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { splitKey, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import type { IPAddress, Service, ServiceCIDR } from '../../api/types.gen.ts';
import type { ObjectRef } from '../../client/client.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { CATCH_UP_MS } from '../own-writes/own-writes.ts';
import { SaidOnce } from '../said-once/said-once.ts';
import { networksOf } from '../service-cidr/plan.ts';
import { addressesOf, planAddress, planService, wantedAddress, type ServiceRepair } from './plan.ts';

export const serviceAddressRepairController: ControllerDefinition = {
  name: 'ipallocator-repair-controller',
  permissions: [
    { apiGroups: [''], resources: ['services'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['networking.k8s.io'], resources: ['servicecidrs'], verbs: ['get', 'list', 'watch'] },
    {
      apiGroups: ['networking.k8s.io'],
      resources: ['ipaddresses'],
      verbs: ['create', 'delete', 'get', 'list', 'watch'],
    },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  build: (context, enqueue) => new RepairReconciler(context, enqueue),
};

const BY_ADDRESS = 'address';
const BY_PARENT = 'parent';

/** Keys are those of Services, `default/web`, and names of IPAddresses, `10.43.0.7`. */
class RepairReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #services: Informer<Service>;
  readonly #addresses: Informer<IPAddress>;
  readonly #cidrs: Informer<ServiceCIDR>;
  readonly #said: SaidOnce;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, events, clock } = context;
    this.#context = context;
    informers.index(services, BY_ADDRESS, addressesOf);
    informers.index(ipAddresses, BY_PARENT, parentKeys);
    this.#services = informers.of(services);
    this.#addresses = informers.of(ipAddresses);
    this.#cidrs = informers.of(serviceCidrs);
    this.#said = new SaidOnce(events, clock);
    this.#services.subscribe((_next, _old, key) => {
      enqueue(key);
      // What refers to one that went may be left behind.
      for (const address of this.#addresses.byIndex(BY_PARENT, key)) enqueue(address.metadata.name ?? '');
    });
    this.#addresses.subscribe((next, old, key) => {
      enqueue(key);
      for (const address of [next, old])
        for (const parent of address === undefined ? [] : parentKeys(address)) enqueue(parent);
      // One that has the address may have waited for another's reference to go.
      for (const service of this.#services.byIndex(BY_ADDRESS, key)) enqueue(keyOf(service));
    });
    this.#cidrs.subscribe((next, old) => {
      if (next !== undefined && old !== undefined) return;
      for (const service of this.#services.list()) enqueue(keyOf(service));
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    if (!key.includes('/')) return this.#reconcileAddress(key);
    const service = this.#services.getByKey(key);
    if (service === undefined) {
      this.#said.forget(services.kind, key);
      return {};
    }
    let isRight = true;
    for (const ip of addressesOf(service)) if (!(await this.#reconcileService(service, ip))) isRight = false;
    return isRight ? {} : { requeueAfterMs: CATCH_UP_MS };
  }

  /**
   * Whether the cache agrees that nothing is to be done. An address that goes before the cache shows it may
   * go without an event, if all is listed again.
   */
  async #reconcileService(cached: Service, ip: string): Promise<boolean> {
    const judge = (service: Service, address: IPAddress | undefined, holder: Service | undefined) =>
      planService(service, ip, this.#isInNetwork(ip), address, holder);
    const seen = this.#addresses.getByKey(ip);
    const { action } = judge(cached, seen, this.#holderOf(seen));
    if (action === 'none') return true;
    const service = await this.#fresh(services, splitKey(keyOf(cached)));
    if (service === undefined || !addressesOf(service).includes(ip)) return true;
    const address = await this.#fresh(ipAddresses, { name: ip });
    const holder = address === undefined ? undefined : await this.#freshHolder(address);
    const plan = judge(service, address, holder);
    if (plan.action !== 'none') await this.#repair(service, ip, address, plan);
    return action === 'say' && plan.action === 'say';
  }

  async #repair(
    service: Service,
    ip: string,
    address: IPAddress | undefined,
    plan: Exclude<ServiceRepair, { action: 'none' }>,
  ): Promise<void> {
    if (plan.statement !== undefined) this.#said.say(service, plan.statement);
    if (plan.action === 'say') return;
    if (address !== undefined) await this.#delete(address);
    try {
      await this.#context.client.create(ipAddresses, wantedAddress(ip, service));
    } catch (error) {
      // Somebody was faster; its event brings the Service back here.
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async #reconcileAddress(ip: string): Promise<ReconcileResult> {
    const { clock, events } = this.#context;
    const cached = this.#addresses.getByKey(ip);
    if (cached === undefined) return {};
    const first = planAddress(cached, this.#holderOf(cached), clock.now());
    if (first.action === 'wait') return { requeueAfterMs: first.ms };
    if (first.action === 'none') return {};
    const address = await this.#fresh(ipAddresses, { name: ip });
    if (address === undefined) return {};
    const plan = planAddress(address, await this.#freshHolder(address), clock.now());
    if (plan.action !== 'delete') return {};
    events.record(address, plan.statement.type, plan.statement.reason, plan.statement.message);
    await this.#delete(address);
    return {};
  }

  #isInNetwork(ip: string): boolean {
    return this.#cidrs.list().some((cidr) => networksOf(cidr).some((one) => hasUsableAddress(one, ip)));
  }

  #holderOf(address: IPAddress | undefined): Service | undefined {
    const { namespace = '', name = '' } = address?.spec.parentRef ?? {};
    return this.#services.getByKey(`${namespace}/${name}`);
  }

  async #freshHolder({ spec: { parentRef } }: IPAddress): Promise<Service | undefined> {
    const { group = '', resource, namespace = '', name } = parentRef;
    if (group !== '' || resource !== 'services' || namespace === '') return undefined;
    return this.#fresh(services, { namespace, name });
  }

  async #fresh<T extends KubernetesObject>(type: ResourceType<T>, ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.#context.client.get(type, ref);
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #delete({ metadata: { name = '', uid = '' } }: IPAddress): Promise<void> {
    try {
      await this.#context.client.delete(ipAddresses, { name }, { preconditions: { uid } });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }
}

/** As in `keyOf`; of another kind than Services it does no harm. */
function parentKeys({ spec: { parentRef } }: IPAddress): readonly string[] {
  const { namespace = '', name } = parentRef;
  return namespace === '' ? [] : [`${namespace}/${name}`];
}

function keyOf({ metadata: { namespace = '', name = '' } }: Service): string {
  return `${namespace}/${name}`;
}
