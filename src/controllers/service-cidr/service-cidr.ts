/**
 * ServiceCIDRs: each says whether addresses are taken from it, and a deleted one stays until no Service
 * depends on it. The default one comes back when it goes, as nothing works without it.
 *
 * Inputs: ServiceCIDRs and IPAddresses from the informers. Outputs: the condition `Ready` and the finalizer
 * of ServiceCIDRs.
 */

import { hasUsableAddress } from '../../api/addresses/cidr.ts';
import { ipAddresses } from '../../api/groups/networking/ip-address/ip-address.ts';
import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Condition, IPAddress, ServiceCIDR } from '../../api/types.gen.ts';
import { ADDRESS_MANAGER, MANAGED_BY_LABEL } from '../../apiserver/services/allocation-keys.ts';
import { DEFAULT_NETWORK } from '../../apiserver/services/service-network.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
  Reconciler,
} from '../../reconcile/controller.ts';
import { CATCH_UP_MS } from '../own-writes/own-writes.ts';
import { withFinalizer, withoutFinalizer } from '../protection/protection.ts';
import { isLeaving, networksOf, planServiceCidr } from './plan.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
const READY = { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const TERMINATING = {
  status: 'False',
  reason: 'Terminating',
  message:
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/** `defaultNetwork`: `10.43.0.0/16` */
export function serviceCidrController(defaultNetwork: string): ControllerDefinition {
  return {
    name: 'service-cidrs-controller',
    permissions: [
      {
        apiGroups: ['networking.k8s.io'],
        resources: ['servicecidrs'],
        verbs: ['create', 'get', 'list', 'update', 'watch'],
      },
      { apiGroups: ['networking.k8s.io'], resources: ['servicecidrs/status'], verbs: ['update'] },
      { apiGroups: ['networking.k8s.io'], resources: ['ipaddresses'], verbs: ['get', 'list', 'watch'] },
    ],
    build: (context, enqueue) => new ServiceCidrReconciler(context, enqueue, defaultNetwork),
  };
}

class ServiceCidrReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #defaultNetwork: string;
  readonly #cidrs: Informer<ServiceCIDR>;
  readonly #addresses: Informer<IPAddress>;

  constructor(context: ControllerContext, enqueue: Enqueue, defaultNetwork: string) {
    this.#context = context;
    this.#defaultNetwork = defaultNetwork;
    this.#cidrs = context.informers.of(serviceCidrs);
    this.#addresses = context.informers.of(ipAddresses);
    this.#cidrs.subscribe((next, old, key) => {
      enqueue(key);
      // A network that comes may let another go; one that begins to go may hold another back.
      const matters = next === undefined || old === undefined || isLeaving(next) !== isLeaving(old);
      if (!matters) return;
      for (const { metadata } of this.#cidrs.list()) enqueue(metadata.name ?? '');
    });
    this.#addresses.subscribe((next, old) => {
      if (next !== undefined && old !== undefined) return;
      const address = (next ?? old)?.metadata.name ?? '';
      for (const cidr of this.#cidrs.list()) {
        const holds =
          isLeaving(cidr) && networksOf(cidr).some((network) => hasUsableAddress(network, address));
        if (holds) enqueue(cidr.metadata.name ?? '');
      }
    });
    enqueue(DEFAULT_NETWORK);
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const cidr = this.#cidrs.getByKey(name);
    if (cidr === undefined) {
      if (name !== DEFAULT_NETWORK) return {};
      await this.#createDefault();
      // Until the cache shows it: what goes again while a stream is broken is never heard of.
      return { requeueAfterMs: CATCH_UP_MS };
    }
    const { client, clock } = this.#context;
    const given = () => givenAway(this.#addresses.list());
    const plan = planServiceCidr(cidr, this.#cidrs.list(), given, clock.now());
    switch (plan.action) {
      case 'ready': {
        const isProtected = cidr.metadata.finalizers?.includes(FINALIZER) === true;
        const kept = isProtected ? cidr : await client.update(serviceCidrs, withFinalizer(cidr, FINALIZER));
        await this.#say(kept, READY);
        return {};
      }
      case 'block':
        await this.#say(cidr, TERMINATING);
        return {};
      case 'wait':
        return { requeueAfterMs: plan.ms };
      case 'release':
        if (cidr.metadata.finalizers?.includes(FINALIZER) !== true) return {};
        if (!(await this.#mayGo(cidr))) return { requeueAfterMs: CATCH_UP_MS };
        await client.update(serviceCidrs, withoutFinalizer(cidr, FINALIZER));
        return {};
    }
  }

  /** By what the server says: the network that was to take over may be on its way out by now. */
  async #mayGo(cidr: ServiceCIDR): Promise<boolean> {
    const { client, clock } = this.#context;
    const [cidrs, addresses] = await Promise.all([client.list(serviceCidrs), client.list(ipAddresses)]);
    const given = () => givenAway(addresses.items);
    return planServiceCidr(cidr, cidrs.items, given, clock.now()).action === 'release';
  }

  async #createDefault(): Promise<void> {
    const spec = { cidrs: [this.#defaultNetwork] };
    try {
      await this.#context.client.create(serviceCidrs, { metadata: { name: DEFAULT_NETWORK }, spec });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async #say(cidr: ServiceCIDR, wanted: Omit<Condition, 'type' | 'lastTransitionTime'>): Promise<void> {
    const { conditions = [] } = cidr.status;
    const present = conditions.find(({ type }) => type === 'Ready');
    const { status, reason, message } = wanted;
    const isSaid = present?.status === status && present.reason === reason && present.message === message;
    if (isSaid) return;
    const { client, clock } = this.#context;
    const lastTransitionTime =
      present?.status === status ? present.lastTransitionTime : formatTime(clock.now());
    const ready = { type: 'Ready', status, reason, message, lastTransitionTime };
    const others = conditions.filter(({ type }) => type !== 'Ready');
    await client.update(
      serviceCidrs,
      { ...cidr, status: { conditions: [...others, ready] } },
      { subresource: 'status' },
    );
  }
}

function* givenAway(all: readonly IPAddress[]): Iterable<string> {
  for (const { metadata } of all) {
    if (metadata.labels?.[MANAGED_BY_LABEL] === ADDRESS_MANAGER) yield metadata.name ?? '';
  }
}
