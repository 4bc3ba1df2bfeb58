/**
 * Generated lives of pods that share an exclusive volume on several nodes, with caches that lag, lost races,
 * crashes, drivers that take their time, and nodes that say what they use. At every write: at most one
 * attachment of the volume, none taken from a healthy node that has it mounted. At the end it is attached
 * where it is wanted.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { volumeAttachments } from '../../api/groups/storage/volume-attachment/volume-attachment.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { VolumeAttachment } from '../../api/types.gen.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { claimRef, createClaim, createVolume } from '../persistent-volume-binder/binder.fixture.ts';
import { persistentVolumeBinder } from '../persistent-volume-binder/persistent-volume-binder.ts';
import { makeTrouble, suddenStep, type SuddenStep } from '../trouble-steps.fixture.ts';
import { attachDetachController } from './attach-detach.ts';

const NODES = ['n1', 'n2', 'n3'];
const CSI = { driver: 'example.com', volumeHandle: 'h1' };
const UNIQUE = 'kubernetes.io/csi/example.com^h1';
const KEEP = 'external-attacher/example-com';

type Op =
  | { readonly type: 'pod' | 'drop-pod'; readonly node: number; readonly pod: number }
  | { readonly type: 'crash' | 'refuse'; readonly writes: number }
  | { readonly type: 'driver' | 'kubelets' | 'restart' }
  | SuddenStep;

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    type: fc.constantFrom('pod' as const, 'drop-pod' as const),
    node: fc.nat(NODES.length - 1),
    pod: fc.nat(1),
  }),
  fc.record({ type: fc.constantFrom('crash' as const, 'refuse' as const), writes: fc.nat(3) }),
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('driver' as const, 'kubelets' as const) }) },
  fc.constant({ type: 'restart' as const }),
  suddenStep,
);
const life = fc.record({
  lagMs: fc.constantFrom(0, 0, 100, 300),
  steps: fc.array(fc.record({ op, waitMs: fc.constantFrom(0, 20, 400, 2_000) }), {
    minLength: 5,
    maxLength: 30,
  }),
});

const attachments = async ({ client }: TestCluster): Promise<readonly VolumeAttachment[]> =>
  (await client.list(volumeAttachments)).items;

/** Attaches what is new, lets go of what was deleted, as the driver's own controller does. */
async function playDriver(cluster: TestCluster): Promise<void> {
  for (const one of await attachments(cluster)) {
    const ref = { name: one.metadata.name ?? '' };
    const isLeaving = one.metadata.deletionTimestamp !== undefined;
    const finalizers = isLeaving ? [] : [KEEP];
    const { client } = cluster;
    await unlessGone(
      client.patch(volumeAttachments, ref, { type: 'merge', body: { metadata: { finalizers } } }),
    );
    const body = { status: { attached: true } };
    if (isLeaving) continue;
    await unlessGone(
      client.patch(volumeAttachments, ref, { type: 'merge', body }, { subresource: 'status' }),
    );
  }
}

/** Which nodes have mounted the volume. */
type Mounted = Set<string>;

/** A kubelet says that it uses the volume, then looks whether it is attached, then mounts it. */
async function playKubelets({ client }: TestCluster, mounted: Mounted): Promise<void> {
  const wanting = new Set((await client.list(pods)).items.map(({ spec }) => spec.nodeName));
  for (const name of NODES) {
    if (!wanting.has(name)) mounted.delete(name);
    const volumesInUse = wanting.has(name) ? [UNIQUE] : [];
    const body: JsonObject = { status: { volumesInUse, conditions: [{ type: 'Ready', status: 'True' }] } };
    await client.patch(nodes, { name }, { type: 'merge', body }, { subresource: 'status' });
    const { status } = await client.get(nodes, { name });
    const isAttached = status.volumesAttached?.some((one) => one.name === UNIQUE) === true;
    if (wanting.has(name) && isAttached) mounted.add(name);
  }
}

async function check(cluster: TestCluster, mounted: Mounted): Promise<void> {
  const present = await attachments(cluster);
  const places = present.map(({ spec }) => spec.nodeName);
  assert.ok(places.length <= 1, `attached to ${places.join(' and ')}`);
  for (const name of mounted) {
    const own = present.find(({ spec }) => spec.nodeName === name);
    assert.ok(own !== undefined, `${name} has mounted what is detached`);
    assert.equal(own.metadata.deletionTimestamp, undefined, `taken from ${name}`);
  }
}

async function act(cluster: TestCluster, op: Op, mounted: Mounted): Promise<void> {
  const { client } = cluster;
  switch (op.type) {
    case 'pod': {
      const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }];
      const nodeName = NODES[op.node] ?? '';
      const spec = { nodeName, containers: [{ name: 'c', image: 'i' }], volumes };
      const name = `${nodeName}-${op.pod}`;
      const known = (await client.list(pods)).items.some(({ metadata }) => metadata.name === name);
      if (!known) await client.create(pods, { metadata: claimRef(name), spec });
      return;
    }
    case 'drop-pod': {
      const ref = claimRef(`${NODES[op.node] ?? ''}-${op.pod}`);
      return unlessGone(client.delete(pods, ref, { gracePeriodSeconds: 0 }));
    }
    case 'driver':
      return playDriver(cluster);
    case 'kubelets':
      return playKubelets(cluster, mounted);
    case 'crash':
      return cluster.crash(op.writes);
    case 'refuse':
      return cluster.refuse(op.writes);
    case 'restart':
      return cluster.restart();
    case 'kill':
    case 'break':
      return makeTrouble(cluster, op);
  }
}

test('an exclusive volume is at one node at most, and comes to where it is wanted', async () => {
  await fc.assert(
    fc.asyncProperty(life, async ({ lagMs, steps }) => {
      const controllers = [persistentVolumeBinder, attachDetachController];
      const mounted: Mounted = new Set();
      const cluster = await startTestCluster(controllers, {
        lagMs,
        afterWrite: () => check(cluster, mounted),
      });
      try {
        for (const name of NODES) await cluster.client.create(nodes, { metadata: { name } });
        await createVolume(cluster, 'v', { csi: CSI });
        await createClaim(cluster, 'data');
        await cluster.advance('5s');
        for (const { op, waitMs } of steps) {
          await act(cluster, op, mounted);
          if (waitMs > 0) await cluster.host.clock.advance(waitMs);
        }
        cluster.refuse(0);
        await cluster.restart();
        for (let round = 0; round < 6; round++) {
          await playDriver(cluster);
          await playKubelets(cluster, mounted);
          await cluster.advance('10s');
        }
        const wanted = new Set((await cluster.client.list(pods)).items.map(({ spec }) => spec.nodeName));
        const [one] = await attachments(cluster);
        if (wanted.size === 0) assert.equal(one, undefined);
        else assert.ok(wanted.has(one?.spec.nodeName), 'nobody has what somebody wants');
        for (const { metadata, status } of (await cluster.client.list(nodes)).items)
          assert.equal(status.volumesAttached?.length ?? 0, metadata.name === one?.spec.nodeName ? 1 : 0);
      } finally {
        await cluster.stop();
      }
    }),
    games(40),
  );
});
