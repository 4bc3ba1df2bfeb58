/** For property tests: Services and pods that come, change and go, singly and in crowds. */

import fc from 'fast-check';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Pod, Service } from '../../api/types.gen.ts';
import { unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';

/** More than what fits into one slice. */
const AT_FIRST = 110;
const CROWD = 15;
const NAMESPACE = 'default';

const app = fc.constantFrom('a', 'b');
const which = fc.nat(200);
export const serviceStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('add' as const), app, isCrowd: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), which, isHard: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('remove-half' as const), isOdd: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('ready' as const), which, isReady: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('relabel' as const), which, app }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('end' as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('select' as const), app, by: app }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('port' as const), app, port: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('unserve' as const), app, returns: fc.boolean() }) },
  { weight: 7, arbitrary: troubleStep },
);
type Step = typeof serviceStep extends fc.Arbitrary<infer S> ? S : never;

export class ServiceWorld {
  readonly cluster: TestCluster;
  #sequence = 0;

  constructor(cluster: TestCluster) {
    this.cluster = cluster;
  }

  async begin(): Promise<void> {
    await this.cluster.client.create(nodes, { metadata: { name: 'n1' } });
    // Before the Services, which then find them all at once.
    for (let i = 0; i < AT_FIRST; i++) await this.#add('a');
    for (const name of ['a', 'b']) await this.#serve(name);
  }

  async pods(): Promise<readonly Pod[]> {
    return (await this.cluster.client.list(pods)).items;
  }

  async services(): Promise<readonly Service[]> {
    return (await this.cluster.client.list(services)).items;
  }

  async #serve(name: string): Promise<void> {
    const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
    const spec = { clusterIP: 'None', ipFamilies: ['IPv4'] as const, selector: { app: name }, ports };
    try {
      await this.cluster.client.create(services, { metadata: { namespace: NAMESPACE, name }, spec });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.cluster;
    switch (what.type) {
      case 'add': {
        for (let i = what.isCrowd === 0 ? CROWD : 1; i > 0; i--) await this.#add(what.app);
        return;
      }
      case 'remove':
        return this.#with(what.which, (pod) => this.#remove(pod, what.isHard));
      case 'remove-half': {
        for (const [i, pod] of (await this.pods()).entries()) {
          if ((i % 2 === 1) === what.isOdd) await this.#remove(pod, true);
        }
        return;
      }
      case 'ready':
        return this.#with(what.which, (pod) => this.#setStatus(pod, readiness(what.isReady)));
      case 'relabel':
        return this.#with(what.which, async ({ metadata: { name = '' } }) => {
          const body = { metadata: { labels: { app: what.app } } };
          await client.patch(pods, { namespace: NAMESPACE, name }, { type: 'merge', body });
        });
      case 'end':
        return this.#with(what.which, (pod) => this.#setStatus(pod, { phase: 'Succeeded' }));
      case 'select':
        return this.#change(what.app, { selector: { app: what.by } });
      case 'port':
        return this.#change(what.app, { ports: [{ name: 'http', port: 80, targetPort: 8080 + what.port }] });
      case 'unserve':
        await unlessGone(client.delete(services, { namespace: NAMESPACE, name: what.app }));
        return what.returns ? this.#serve(what.app) : undefined;
      default:
        return makeTrouble(this.cluster, what);
    }
  }

  async #add(label: string): Promise<void> {
    const number = this.#sequence++;
    // Names come back, with other addresses.
    const name = `p${number % 150}`;
    const podIP = `10.0.${Math.floor(number / 250)}.${1 + (number % 250)}`;
    try {
      const pod = await this.cluster.client.create(pods, {
        metadata: { namespace: NAMESPACE, name, labels: { app: label } },
        spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
      });
      await this.#setStatus(pod, { phase: 'Running', podIP, podIPs: [{ ip: podIP }], ...readiness(true) });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async #with(index: number, work: (pod: Pod) => Promise<void>): Promise<void> {
    const all = await this.pods();
    const pod = all[index % Math.max(all.length, 1)];
    if (pod !== undefined) await work(pod);
  }

  #remove({ metadata: { name = '' } }: Pod, isHard: boolean): Promise<void> {
    const options = isHard ? { gracePeriodSeconds: 0 } : {};
    return unlessGone(this.cluster.client.delete(pods, { namespace: NAMESPACE, name }, options));
  }

  async #setStatus({ metadata: { name = '' } }: Pod, status: JsonObject): Promise<void> {
    const patch = { type: 'merge', body: { status } } as const;
    const options = { subresource: 'status' };
    await this.cluster.client.patch(pods, { namespace: NAMESPACE, name }, patch, options);
  }

  async #change(name: string, spec: JsonObject): Promise<void> {
    const patch = { type: 'merge', body: { spec } } as const;
    await unlessGone(this.cluster.client.patch(services, { namespace: NAMESPACE, name }, patch));
  }
}

function readiness(isReady: boolean): JsonObject {
  const status = isReady ? 'True' : 'False';
  return { conditions: [{ type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:05Z' }] };
}
