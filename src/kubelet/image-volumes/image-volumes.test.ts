import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { CriError } from '../cri/cri.ts';
import type { Channel } from '../cri/grpc/channel.ts';
import type { Mount } from '../cri/messages.ts';
import { ImagePuller } from '../images/pull.ts';
import { ImageCollector } from '../images/image-gc.ts';
import { startTestNode } from '../kubelet.fixture.ts';
import { createSimulatedSystem } from '../system/simulated/simulated-system.ts';
import { overlayOf } from '../system/linux/linux-system.ts';
import { MemoryFiles } from '../system/simulated/memory-files.ts';
import { MemoryRuntime } from '../cri/memory/memory.ts';
import { createImageLayers, layersOf } from './image-layers.ts';
import { ImageMountError, imageMount, mountedImages, mountsImages } from './image-mount.ts';
import { ImageVolumes } from './image-volumes.ts';

test('layers are read from what containerd would mount', () => {
  const options = ['index=off', 'lowerdir=/r/2/fs:/r/1/fs'];
  assert.deepEqual(layersOf([{ type: 'overlay', source: 'overlay', options }]), ['/r/2/fs', '/r/1/fs']);
  const bind = { type: 'bind', source: '/r/1/fs', options: ['ro', 'rbind'] };
  assert.deepEqual(layersOf([bind]), ['/r/1/fs']);
  const erofs = { type: 'erofs', source: '/dev/loop1', options: ['ro'] };
  assert.throws(() => layersOf([erofs, bind]), { message: 'layers of type erofs,bind cannot be shown' });
  assert.throws(() => layersOf([]), /cannot be shown/);
});

test('an overlay of layers has short names and one layer more', () => {
  assert.deepEqual(overlayOf('/v', ['/r/2/fs', '/r/1/fs']), {
    base: '/r',
    options: 'ro,noexec,lowerdir=2/fs:1/fs:/v',
  });
  assert.deepEqual(overlayOf('/v', ['/r/2/fs', '/other/fs']), {
    base: '/',
    options: 'ro,noexec,lowerdir=/r/2/fs:/other/fs:/v',
  });
});

/** A containerd with one image; answers by the last part of the call's path, as bytes. */
function containerd(): { readonly channel: Pick<Channel, 'call'>; readonly asked: [string, unknown][] } {
  const held = new Set<string>();
  const asked: [string, unknown][] = [];
  const shown = { mounts: [{ type: 'bind', source: '/r/1/fs', options: ['ro', 'rbind'] }] };
  const answer = (name: string, { key }: { readonly key: string }, image: string): object => {
    switch (name) {
      case 'ImageStatus':
        return { info: image === 'sha256:c' ? { info: '{"chainID":"sha256:chain"}' } : {} };
      case 'View':
        if (held.has(key)) throw new CriError('AlreadyExists', `snapshot "${key}": already exists`);
        held.add(key);
        return shown;
      case 'Mounts':
        return shown;
      default:
        if (!held.delete(key)) throw new CriError('NotFound', `snapshot ${key} does not exist: not found`);
        return {};
    }
  };
  const call: Channel['call'] = async (what, request) => {
    const name = what.path.slice(what.path.lastIndexOf('/') + 1);
    const sent = what.request.decode(what.request.encode(request)) as never;
    asked.push([name, sent]);
    const { image } = sent as { readonly image?: { readonly image: string } };
    const bytes = what.response.encode(answer(name, sent, image?.image ?? '') as never);
    return what.response.decode(bytes);
  };
  return { channel: { call }, asked };
}

test('containerd holds the layers, once more too, and lets go', async () => {
  const { channel, asked } = containerd();
  const layers = createImageLayers(channel);
  for (let i = 0; i < 2; i++) assert.deepEqual(await layers.hold('sha256:c', 'k'), ['/r/1/fs']);
  const labels = { 'containerd.io/gc.root': 'kubelet' };
  assert.deepEqual(asked[1], [
    'View',
    { snapshotter: 'overlayfs', key: 'k', parent: 'sha256:chain', labels },
  ]);
  assert.deepEqual(
    asked.map(([name]) => name),
    ['ImageStatus', 'View', 'ImageStatus', 'View', 'Mounts'],
  );
  await layers.release('k');
  await layers.release('k');
  assert.deepEqual(await layers.hold('sha256:c', 'k'), ['/r/1/fs']);
  await assert.rejects(layers.hold('sha256:other', 'k'), { message: 'the image is not there' });
});

test('which runtimes mount images by themselves', () => {
  const answers = {
    'containerd://1.6.20~ds1': false,
    'containerd://2.0.5': false,
    'containerd://v2.1.0': true,
    'containerd://10.0.1': true,
    'cri-o://1.30.2': false,
    'cri-o://1.31.0': true,
    'k8ts-memory://1.36.0': true,
  };
  for (const [runtime, expected] of Object.entries(answers))
    assert.equal(mountsImages(runtime), expected, runtime);
});

test('mounts of images: whole, a folder of it, nothing else', async () => {
  const files = new MemoryFiles();
  await files.makeFolder('/v/etc', 0o755);
  await files.write('/v/data.json', '{}');
  await files.symlink('etc', '/v/settings');
  await files.symlink('/etc', '/v/out');
  const shown = { type: 'folder', path: '/v' } as const;
  const mount = (subPath: string) => imageMount(files, shown, { name: 'v', mountPath: '/m' }, subPath);
  assert.deepEqual(await mount(''), {
    containerPath: '/m',
    hostPath: '/v',
    readonly: false,
    propagation: 'PROPAGATION_PRIVATE',
  });
  assert.equal((await mount('settings')).hostPath, '/v/etc');
  const head = 'failed to mount image volume: ImageVolumeMountFailed: failed to ensure image subpath';
  const refusals = {
    none: `${head} "none" in "/v": openat none: no such file or directory`,
    'data.json': `${head} "data.json" in "/v": only directory subpath is supported, subpath: "data.json", mountpoint: "/v" `,
    out: `${head} "out" in "/v": subPath "out" leads out of its volume`,
  };
  for (const [subPath, message] of Object.entries(refusals))
    await assert.rejects(
      mount(subPath),
      (error) => error instanceof ImageMountError && error.message === message,
    );
  assert.equal(await files.stat('/v/none'), undefined, 'nothing is made');
  const spec = { image: 'sha256:1', userSpecifiedImage: 'data:1' };
  assert.deepEqual(await imageMount(files, { type: 'image', spec }, { name: 'v', mountPath: '/m' }, 'etc'), {
    containerPath: '/m',
    hostPath: '',
    readonly: true,
    propagation: 'PROPAGATION_PRIVATE',
    image: spec,
    imageSubPath: 'etc',
  });
});

test('images that volumes show are in use, and not collected', async () => {
  const hex = 'ab'.repeat(32);
  const at = (hostPath: string, more: Partial<Mount> = {}): Mount => ({
    containerPath: '/m',
    hostPath,
    ...more,
  });
  const mounts = [
    at(`/k/pods/u/volumes/kubernetes.io~image/${hex}/etc`),
    at('/k/pods/u/volumes/kubernetes.io~secret/s'),
    at('', { image: { image: 'sha256:own' } }),
  ];
  assert.deepEqual([...mountedImages([{ mounts }])], [`sha256:${hex}`, 'sha256:own']);
  const host = createSimulatedHost(1);
  const runtime = new MemoryRuntime({ clock: host.clock, random: host.random });
  const id = await runtime.pullImage({ image: 'data:1' });
  const other = await runtime.pullImage({ image: 'other:1' });
  const collector = new ImageCollector(runtime);
  const fill = { totalBytes: 100, availableBytes: 1 };
  await collector.collect(fill, new Set([id]), 0);
  const removed = await collector.collect(fill, new Set([id]), 10 * 60_000);
  assert.deepEqual(
    removed.map((image) => image.id),
    [other],
  );
});

test('a pod has one mount for an image, held until the pod is cleaned up', async () => {
  const host = createSimulatedHost(1);
  const runtime = new MemoryRuntime({ clock: host.clock, random: host.random });
  const system = createSimulatedSystem({ hostname: 'n' });
  const calls: string[] = [];
  const volumes = new ImageVolumes({
    rootFolder: '/k',
    system,
    puller: new ImagePuller(runtime, host.clock),
    layers: {
      hold: async (id, key) => {
        calls.push(`hold ${id.slice(0, 9)} ${key.slice(0, 21)}`);
        return ['/l'];
      },
      release: async (key) => void calls.push(`release ${key.slice(0, 21)}`),
    },
  });
  const image = { reference: 'data:1' };
  const container = {
    name: 'c',
    resources: {},
    volumeMounts: ['a', 'b'].map((name) => ({ name, mountPath: `/${name}` })),
  };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', uid: 'u' },
    spec: {
      containers: [container],
      volumes: [
        { name: 'a', image },
        { name: 'b', image },
        { name: 'unused', image },
      ],
    },
    status: {},
  } as const;
  const sandbox = { metadata: { name: 'p', namespace: 'd', uid: 'u', attempt: 0 } };
  const request = { secrets: [], sandbox, tell: () => undefined, signal: new AbortController().signal };
  const pulled = await volumes.pull(pod, container, request);
  assert.ok(pulled.type === 'ok');
  const shown = await volumes.show(pod, pulled.images);
  assert.deepEqual([...shown.keys()], ['a', 'b']);
  assert.deepEqual(shown.get('a'), shown.get('b'));
  await volumes.show(pod, pulled.images);
  const id = (await runtime.imageStatus({ image: 'data:1' }))?.id ?? '';
  assert.deepEqual(calls, [`hold ${id.slice(0, 9)} k8ts-image-volume-u-${id[7]}`]);
  await volumes.release('u');
  assert.equal(calls.at(-1), `release k8ts-image-volume-u-${id[7]}`);
});

const reader = {
  name: 'app',
  image: 'web:1',
  volumeMounts: [{ name: 'data', mountPath: '/data', subPath: 'a' }],
};

test('a container is given the image, pulled by the policy of the volume', async () => {
  const node = await startTestNode();
  await node.createPod('web', {
    containers: [reader],
    volumes: [{ name: 'data', image: { reference: 'data:1', pullPolicy: 'Always' } }],
  });
  assert.equal((await node.pod('web')).status.phase, 'Running');
  assert.deepEqual(
    node.events.map((event) => event.split(' in ')[0]?.replace('Image size', '')),
    [
      'Pulling Pulling image "data:1"',
      'Pulled Successfully pulled image "data:1"',
      'Pulling Pulling image "web:1"',
      'Pulled Successfully pulled image "web:1"',
      'Created Container created',
      'Started Container started',
    ],
  );
  const [container] = await node.runtime.listContainers();
  const { mounts } = await node.runtime.containerStatus(container?.id ?? '');
  const mount = mounts.find(({ containerPath }) => containerPath === '/data');
  assert.deepEqual(
    [mount?.image?.userSpecifiedImage, mount?.imageSubPath, mount?.readonly],
    ['data:1', 'a', true],
  );
  await node.stop();
});

test('an image that cannot be had keeps waiting who mounts it, and nobody else', async () => {
  const node = await startTestNode({
    script: {
      image: (image) =>
        image.includes('missing') ? { pullError: new CriError('NotFound', `${image}: not found`) } : {},
    },
  });
  const volumes = (pullPolicy: 'Always' | 'Never') => [
    { name: 'data', image: { reference: 'missing:1', pullPolicy } },
  ];
  await node.createPod('web', { containers: [reader], volumes: volumes('Always') });
  const waiting = async (name: string) =>
    (await node.pod(name)).status.containerStatuses?.[0]?.state?.waiting;
  const text = 'rpc error: code = NotFound desc = docker.io/library/missing:1: not found';
  assert.deepEqual(await waiting('web'), { reason: 'ErrImagePull', message: text });
  await node.host.clock.advance('2s');
  assert.deepEqual(await waiting('web'), {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "missing:1": ErrImagePull: ${text}`,
  });
  assert.deepEqual(node.events, [
    'Pulling Pulling image "missing:1"',
    `Failed Failed to pull image "missing:1": ${text}`,
    'Failed Error: ErrImagePull',
    'BackOff Back-off pulling image "missing:1"',
    'Failed Error: ImagePullBackOff',
  ]);
  await node.createPod('never', { containers: [reader], volumes: volumes('Never') });
  assert.deepEqual(await waiting('never'), {
    reason: 'ErrImageNeverPull',
    message: 'Container image "missing:1" is not present with pull policy of Never',
  });
  await node.createPod('unused', {
    containers: [{ name: 'app', image: 'web:1' }],
    volumes: volumes('Always'),
  });
  assert.equal((await node.pod('unused')).status.phase, 'Running');
  await node.stop();
});
