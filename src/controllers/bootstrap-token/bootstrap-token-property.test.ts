/**
 * Bootstrap tokens under trouble: they are made, prolonged at the last moment, changed, deleted and made
 * again; `cluster-info` comes, goes, changes and is spoiled; caches that lag, streams that break, clocks that
 * jump, processes that die at any call. No token goes before its time, and every good one signs.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Secret } from '../../api/types.gen.ts';
import { bootstrapSignerController, detachedSignature } from '../bootstrap-signer/bootstrap-signer.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { tokenCleanerController } from '../token-cleaner/token-cleaner.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { expiryMs, signingToken } from './bootstrap-token.ts';

const INFO = { namespace: 'kube-public', name: 'cluster-info' };
const tokenRef = (id: string) => ({ namespace: 'kube-system', name: `bootstrap-token-${id}` });

const id = fc.constantFrom('aaaaaa', 'bbbbbb', 'cccccc');
/** From now, in seconds; undefined: never. */
const life = fc.constantFrom(3, 30, 300, undefined);
const secret = fc.constantFrom('0123456789abcdef', 'fedcba9876543210');
const content = fc.constantFrom('one', 'two');
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('make' as const), id, life, secret, signs: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('prolong' as const), id, life }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), id }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('write-info' as const), content }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete-info' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('spoil' as const), id }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), by: fc.constantFrom('2s', '20s', '5m') }),
  },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  /** Otherwise tokens that are over lie around. */
  isCleaned: fc.boolean(),
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #isCleaned: boolean;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, Secret>();
  /** By uid: those that the test deleted. */
  readonly #deleted = new Set<string>();
  /** The latest that the clock ever showed. */
  #latestMs = 0;

  constructor(cluster: TestCluster, isCleaned: boolean) {
    this.#cluster = cluster;
    this.#isCleaned = isCleaned;
    this.#log = new ChangeLog(cluster, [secrets]);
  }

  async begin(): Promise<void> {
    for (const name of ['kube-system', 'kube-public'])
      await this.#cluster.client.create(namespaces, { metadata: { name } });
  }

  check(): void {
    this.#latestMs = Math.max(this.#latestMs, this.#cluster.host.clock.now());
    for (const { type, object } of this.#log.take()) {
      const { uid = '', name = '' } = object.metadata;
      const before = this.#present.get(uid);
      if (type !== 'DELETED') this.#present.set(uid, object as Secret);
      else if (this.#present.delete(uid) && !this.#deleted.has(uid)) {
        const endMs = before === undefined ? undefined : expiryMs(before);
        assert.ok(endMs !== undefined && endMs <= this.#latestMs, `${name} went before its time`);
      }
    }
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'make':
        return unlessThere(
          client.create(secrets, {
            metadata: tokenRef(what.id),
            type: 'bootstrap.kubernetes.io/token',
            stringData: {
              'token-id': what.id,
              'token-secret': what.secret,
              'usage-bootstrap-signing': String(what.signs),
              expiration: this.#end(what.life),
            },
          }),
        );
      case 'prolong': {
        const body = { stringData: { expiration: this.#end(what.life) } };
        return unlessGone(client.patch(secrets, tokenRef(what.id), { type: 'merge', body }));
      }
      case 'delete':
        return this.#delete(what.id);
      case 'write-info':
        return this.#writeInfo({ kubeconfig: what.content, other: 'x' });
      case 'delete-info':
        return unlessGone(client.delete(configMaps, INFO));
      case 'spoil':
        return this.#writeInfo({ [`jws-kubeconfig-${what.id}`]: 'spoilt' });
      case 'wait':
        return this.#cluster.advance(what.by);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  #end(life: number | undefined): string {
    return life === undefined ? '' : formatTime(this.#cluster.host.clock.now() + life * 1_000);
  }

  async #delete(own: string): Promise<void> {
    this.check();
    const { name } = tokenRef(own);
    for (const { metadata } of this.#present.values())
      if (metadata.name === name) this.#deleted.add(metadata.uid ?? '');
    await unlessGone(this.#cluster.client.delete(secrets, tokenRef(own)));
  }

  async #writeInfo(data: { readonly [key: string]: string }): Promise<void> {
    const { client } = this.#cluster;
    try {
      await client.patch(configMaps, INFO, { type: 'merge', body: { data } });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      await client.create(configMaps, { metadata: INFO, data });
    }
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    const { client, host } = this.#cluster;
    await endTrouble(this.#cluster);
    await this.#writeInfo({ kubeconfig: 'three' });
    await this.#delete('aaaaaa');
    await this.perform({ type: 'make', id: 'aaaaaa', life: 30, secret: '0123456789abcdef', signs: true });
    // Longer than the clock was ever behind: who waits for a time does so however the clock is set.
    await this.#cluster.advance('2d');
    this.check();
    const expected: { [key: string]: string } = {};
    for (const one of this.#present.values()) {
      const endMs = expiryMs(one) ?? Infinity;
      assert.ok(
        endMs > host.clock.now() || !this.#isCleaned,
        `${one.metadata.name ?? ''} stays past its time`,
      );
      const token = signingToken(one, host.clock.now());
      if (token !== undefined) expected[`jws-kubeconfig-${token.id}`] = detachedSignature('three', token);
    }
    const { data = {} } = await client.get(configMaps, INFO);
    const signatures = Object.entries(data).filter(([key]) => key.startsWith('jws-'));
    assert.deepEqual(Object.fromEntries(signatures), expected);
    assert.equal(data['kubeconfig'], 'three');
  }
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

test('no token goes before its time, and every good one signs', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ isCleaned, lagMs, steps }) => {
      const cleaners = isCleaned ? [tokenCleanerController] : [];
      const cluster = await startTestCluster([bootstrapSignerController, ...cleaners], { lagMs });
      await liveThrough(cluster, new World(cluster, isCleaned), steps);
    }),
    games(25),
  );
});
