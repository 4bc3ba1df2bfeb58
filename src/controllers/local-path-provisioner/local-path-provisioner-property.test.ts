/**
 * Volumes on disks of nodes under trouble: claims that come and go, nodes that are lost and come back, disks
 * that cannot be reached, volumes that people give to somebody else; caches that lag, streams that break,
 * processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { storageClasses } from '../../api/groups/storage/storage-class/storage-class.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.gen.ts';
import { SELECTED_NODE } from '../../api/volume-binding/annotations.ts';
import { STANDARD_CLASS } from '../../api/volume-binding/local-path.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { createClaim } from '../persistent-volume-binder/binder.fixture.ts';
import { persistentVolumeBinder } from '../persistent-volume-binder/persistent-volume-binder.ts';
import { persistentVolumeProtection } from '../persistent-volume-protection/persistent-volume-protection.ts';
import { endTrouble, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { localPathProvisioner } from './local-path-provisioner.ts';

const node = fc.constantFrom('n0', 'n1');
const which = fc.nat(5);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('claim' as const), node }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('give-up' as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lose-node' as const), node }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('add-node' as const), node }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('reach' as const), isReachable: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('give-away' as const), which }) },
  { weight: 7, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

class World {
  #cluster: TestCluster | undefined;
  #isReachable = true;
  #sequence = 0;
  readonly #removedWrongly: string[] = [];

  get cluster(): TestCluster {
    return this.#cluster ?? assert.fail('not begun');
  }

  async begin(lagMs: number): Promise<void> {
    const remove = (nodeName: string, path: string): Promise<void> => this.#remove(nodeName, path);
    const provisioner = localPathProvisioner({ root: '/disk', remove });
    const controllers = [persistentVolumeBinder, persistentVolumeProtection, provisioner];
    this.#cluster = await startTestCluster(controllers, { lagMs, afterWrite: () => this.check() });
    await this.cluster.client.create(storageClasses, STANDARD_CLASS);
    for (const name of ['n0', 'n1']) await this.#addNode(name);
  }

  async volumes(): Promise<readonly PersistentVolume[]> {
    return (await this.cluster.client.list(persistentVolumes)).items;
  }

  async claims(): Promise<readonly PersistentVolumeClaim[]> {
    return (await this.cluster.client.list(persistentVolumeClaims)).items;
  }

  /** No folder is removed whose volume somebody has. */
  async #remove(nodeName: string, path: string): Promise<void> {
    if (!this.#isReachable) throw new Error(`the node ${nodeName} cannot be reached`);
    const volume = (await this.volumes()).find(({ spec }) => spec.hostPath?.path === path);
    const isUnwanted = volume?.spec.persistentVolumeReclaimPolicy === 'Delete';
    if (volume?.status.phase !== 'Released' || !isUnwanted) this.#removedWrongly.push(path);
  }

  /** Nobody has two volumes. */
  async check(): Promise<void> {
    if (this.#cluster === undefined) return;
    const owners = (await this.volumes()).flatMap(({ spec }) => spec.claimRef?.uid ?? []);
    assert.equal(new Set(owners).size, owners.length, 'two volumes for one claim');
  }

  async #addNode(name: string): Promise<void> {
    try {
      const metadata = { name, labels: { 'kubernetes.io/hostname': name } };
      await this.cluster.client.create(nodes, { metadata });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.cluster;
    switch (what.type) {
      case 'claim': {
        const annotations = { [SELECTED_NODE]: what.node };
        await createClaim(
          this.cluster,
          `c${this.#sequence++}`,
          { storageClassName: 'standard' },
          annotations,
        );
        return;
      }
      case 'give-up': {
        const all = await this.claims();
        const name = all[what.which % Math.max(all.length, 1)]?.metadata.name;
        if (name === undefined) return;
        return unlessGone(client.delete(persistentVolumeClaims, { namespace: 'default', name }));
      }
      case 'lose-node':
        return unlessGone(client.delete(nodes, { name: what.node }));
      case 'add-node':
        return this.#addNode(what.node);
      case 'reach':
        this.#isReachable = what.isReachable;
        return;
      case 'give-away':
        return this.#giveAway(what.which);
      default:
        return makeTrouble(this.cluster, what);
    }
  }

  /** A released volume is kept, whatever its class wants. */
  async #giveAway(index: number): Promise<void> {
    const released = (await this.volumes()).filter(({ status }) => status.phase === 'Released');
    const name = released[index % Math.max(released.length, 1)]?.metadata.name;
    if (name === undefined) return;
    const body = { spec: { persistentVolumeReclaimPolicy: 'Retain' } };
    await unlessGone(this.cluster.client.patch(persistentVolumes, { name }, { type: 'merge', body }));
  }

  async checkEnd(): Promise<void> {
    const { cluster } = this;
    await endTrouble(cluster);
    this.#isReachable = true;
    for (const name of ['n0', 'n1']) await this.#addNode(name);
    await cluster.advance('3m');
    // What the scheduler does for claims whose node was lost.
    for (const { metadata } of await this.claims()) {
      const { namespace, name = '', annotations = {} } = metadata;
      if (annotations[SELECTED_NODE] !== undefined) continue;
      const body = { metadata: { annotations: { [SELECTED_NODE]: 'n0' } } };
      await cluster.client.patch(persistentVolumeClaims, { namespace, name }, { type: 'merge', body });
    }
    await cluster.advance('3m');
    assert.deepEqual(this.#removedWrongly, []);
    const claims = await this.claims();
    for (const { metadata, status } of claims) assert.equal(status.phase, 'Bound', metadata.name ?? '');
    for (const { metadata, spec, status } of await this.volumes()) {
      const isHeld = claims.some((claim) => claim.metadata.uid === spec.claimRef?.uid);
      const isKept = spec.persistentVolumeReclaimPolicy === 'Retain' && status.phase === 'Released';
      assert.ok(isHeld || isKept, `${metadata.name ?? ''} is nobody's, and stays`);
    }
  }
}

test('one volume for a claim, no folder removed that somebody has, nothing left over', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const world = new World();
      await world.begin(lagMs);
      try {
        for (const each of steps) {
          await world.perform(each);
          await world.cluster.host.clock.advance(10);
        }
        await world.checkEnd();
      } finally {
        await world.cluster.stop();
      }
    }),
    games(15),
  );
});
