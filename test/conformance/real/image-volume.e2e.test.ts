/**
 * The official test of [sig-node] ImageVolume, and what upstream's tests of nodes ask beyond it: several
 * volumes, several pods, folders of an image, images that are not there. The image is served by a registry in
 * this process.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { buildImage } from '../../../src/kubelet/images/build.ts';
import type { BuiltImage, LayerEntry } from '../../../src/kubelet/images/image.ts';
import { run } from '../../cluster.fixture.ts';
import { startRegistry, type TestRegistry } from '../../registry.ts';
import { each, type Fields } from '../api.fixture.ts';
import {
  AT_ONCE,
  eventually,
  isReady,
  isRunning,
  lasting,
  pathOf,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

let cluster: RealCluster;
let registry: TestRegistry;
/** Two layers, and one. */
let kitten: string;
let flat: string;

const file = (path: string, text: string, mode = 0o644): LayerEntry => ({
  type: 'file',
  path,
  mode,
  content: Buffer.from(text),
});

async function built(base: BuiltImage | undefined, ...entries: readonly LayerEntry[]): Promise<BuiltImage> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const below = base === undefined ? {} : { base };
  return buildImage({ references: ['none/kitten:1'], ...below, entries, config: {}, architecture });
}

async function pictures(release = '3.21'): Promise<BuiltImage> {
  const base = await built(undefined, file('etc/os-release', `NAME="Alpine Linux"\nVERSION_ID=${release}\n`));
  const tool = file('bin/tool', '#!/bin/sh\necho ran\n', 0o755);
  return built(base, file('data.json', '{"image":"kitten.jpg"}'), tool);
}

before(async () => {
  registry = await startRegistry();
  registry.add('e2e/kitten', '1.8', await pictures());
  registry.add(
    'e2e/flat',
    '1',
    await built(
      undefined,
      file('data.json', '{"image":"flat.jpg"}'),
      file('bin/tool', '#!/bin/sh\necho ran\n', 0o755),
    ),
  );
  kitten = `${registry.host}/e2e/kitten:1.8`;
  flat = `${registry.host}/e2e/flat:1`;
  cluster = await startContainers(1, [registry.host]);
});
after(async () => {
  await cluster.stop();
  registry.close();
});

const showing = (reference: string, more: object = {}): object => ({
  volumes: [{ name: 'volume', image: { reference, ...more } }],
});
const mounted = (more: object = {}): object => ({
  volumeMounts: [{ name: 'volume', mountPath: '/volume', ...more }],
});

async function hasContents(pod: string, path = '/volume'): Promise<void> {
  assert.match(await cluster.sh(pod, `cat ${path}/data.json`), /kitten\.jpg/);
  assert.match(await cluster.sh(pod, `cat ${path}/etc/os-release`), /Alpine Linux/);
}

/** The pod once its container waits for that reason. */
const waits = (pod: object, namespace: string, reason: string): Promise<Fields> =>
  cluster
    .post(`${namespace}/pods`, pod)
    .then((made) => cluster.pod(pathOf(made), (found) => waitingOf(found)?.reason === reason));

function waitingOf({ status }: Fields): { readonly reason: string; readonly message: string } | undefined {
  const [container] = each(status?.containerStatuses);
  const state = container?.state as unknown as Readonly<Record<string, { reason: string; message: string }>>;
  return state?.['waiting'];
}

/** Mounts of images on this machine for a pod. */
const mountsOf = (uid: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(uid) && line.includes('kubernetes.io~image'));

/** Containerd's own tool on the node. */
async function ctr(...words: readonly string[]): Promise<string> {
  const config = await readFile(join(cluster.folder, 'nodes/node-1/containerd/config.toml'), 'utf8');
  const [, socket = ''] = /^ {2}address = "(.*containerd\.sock)"$/m.exec(config) ?? [];
  const { exitCode, stdout, stderr } = await run(['ctr', '-a', socket, '-n', 'k8s.io', ...words]);
  assert.equal(exitCode, 0, stderr);
  return stdout;
}

/** It ends when it is told to, and is started again. */
const mortal = { ...mounted(), command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'] };

async function restart(pod: string): Promise<void> {
  await cluster.sh(pod, 'kill 1');
  await cluster.pod(pod, ({ status }) => Number(each(status?.containerStatuses)[0]?.restartCount) === 1);
  await cluster.pod(pod, isReady);
}

describe('image volumes', AT_ONCE, () => {
  test('ImageVolume should succeed with pod and pull policy of Always', async () => {
    const namespace = await cluster.namespace('image-volume');
    const pod = lasting('test-pod', mounted(), showing(kitten, { pullPolicy: 'Always' }));
    const path = pathOf(await cluster.post(`${namespace}/pods`, pod));
    await cluster.pod(path, isRunning);
    await hasContents(path);
  });

  test('several volumes, in several pods, of one image', async () => {
    const namespace = await cluster.namespace('image-volumes');
    const names = ['volume-0', 'volume-1'];
    const pod = (name: string): object =>
      lasting(
        name,
        { volumeMounts: names.map((volume) => ({ name: volume, mountPath: `/${volume}` })) },
        { volumes: names.map((volume) => ({ name: volume, image: { reference: kitten } })) },
      );
    const pods = await Promise.all(
      ['test-pod-0', 'test-pod-1'].map((name) => cluster.start(namespace, pod(name))),
    );
    for (const made of pods) {
      for (const volume of names) await hasContents(pathOf(made), `/${volume}`);
      assert.equal(mountsOf(`${made.metadata?.uid}`).length, 1);
    }
    await cluster.remove(pathOf(pods[0] ?? {}));
    await hasContents(pathOf(pods[1] ?? {}), '/volume-0');
  });

  test('nothing can be written there, and no program run', async () => {
    const namespace = await cluster.namespace('image-volume-read-only');
    for (const [i, reference] of [kitten, flat].entries()) {
      const writer = mounted({ readOnly: false });
      const pod = pathOf(
        await cluster.start(
          namespace,
          lasting(`pod-${i}`, { ...writer, securityContext: { privileged: true } }, showing(reference)),
        ),
      );
      const refusals = `touch /volume/x 2>&1; rm -f /volume/data.json 2>&1; /volume/bin/tool 2>&1; true`;
      const said = await cluster.sh(pod, refusals);
      assert.match(said, /touch: \/volume\/x: Read-only file system/);
      assert.match(said, /rm: can't remove '\/volume\/data\.json': Read-only file system/);
      assert.match(said, /\/volume\/bin\/tool: Permission denied/);
      const [, options = ''] =
        /^\S+ \/volume \S+ (\S+)/m.exec(await cluster.sh(pod, 'cat /proc/mounts')) ?? [];
      assert.deepEqual(
        ['ro', 'noexec'].filter((option) => !options.split(',').includes(option)),
        [],
        options,
      );
    }
  });

  test('a folder of the image', async () => {
    const namespace = await cluster.namespace('image-volume-sub-path');
    const env = [{ name: 'PART', value: 'etc' }];
    const pods = [{ subPath: 'etc' }, { subPathExpr: '$(PART)' }].map((part, i) =>
      cluster.start(namespace, lasting(`pod-${i}`, { ...mounted(part), env }, showing(kitten))),
    );
    for (const pod of await Promise.all(pods))
      assert.match(await cluster.sh(pathOf(pod), 'cat /volume/os-release'), /Alpine Linux/);
  });

  test('a folder that the image has not', async () => {
    const namespace = await cluster.namespace('image-volume-no-sub-path');
    const pod = lasting('test-pod', mounted({ subPath: 'not-existing' }), showing(kitten));
    const found = await waits(pod, namespace, 'CreateContainerError');
    assert.match(
      waitingOf(found)?.message ?? '',
      /^failed to mount image volume: ImageVolumeMountFailed: failed to ensure image subpath "not-existing" in ".*": openat not-existing: no such file or directory$/,
    );
    const { metadata } = found;
    await cluster.list(`${namespace}/events?fieldSelector=involvedObject.uid=${metadata?.uid}`, (events) =>
      events.some(
        ({ reason, message }) => `${reason}` === 'Failed' && `${message}`.includes('ImageVolumeMountFailed'),
      ),
    );
  });

  test('an image that is not there, mounted and not mounted', async () => {
    const namespace = await cluster.namespace('image-volume-missing');
    const missing = showing(`${registry.host}/e2e/none:1`);
    const unused = cluster.start(namespace, lasting('unused', {}, missing));
    const found = await waits(lasting('test-pod', mounted(), missing), namespace, 'ImagePullBackOff');
    const why = `Back-off pulling image "${registry.host}/e2e/none:1": ErrImagePull: rpc error: code = NotFound`;
    assert.equal(waitingOf(found)?.message.slice(0, why.length), why);
    assert.equal(await cluster.sh(pathOf(await unused), 'ls / | grep volume || true'), '');
    const never = lasting(
      'never',
      mounted(),
      showing(`${registry.host}/e2e/none:2`, { pullPolicy: 'Never' }),
    );
    await waits(never, namespace, 'ErrImageNeverPull');
  });

  test('a mount that went, as when the machine starts anew, is made again', async () => {
    const namespace = await cluster.namespace('image-volume-again');
    const made = await cluster.start(namespace, lasting('test-pod', mortal, showing(kitten)));
    const uid = `${made.metadata?.uid}`;
    const [place = ''] = mountsOf(uid).map((line) => line.split(' ')[4] ?? '');
    assert.equal((await run(['umount', place])).exitCode, 0);
    await restart(pathOf(made));
    await hasContents(pathOf(made));
    assert.equal(mountsOf(uid).length, 1);
  });

  test('a container that is restarted sees what the image has become, one that runs does not', async () => {
    const namespace = await cluster.namespace('image-volume-new');
    const reference = `${registry.host}/e2e/moving:latest`;
    registry.add('e2e/moving', 'latest', await pictures('1'));
    const pod = pathOf(await cluster.start(namespace, lasting('test-pod', mortal, showing(reference))));
    const version = () => cluster.sh(pod, 'grep VERSION_ID /volume/etc/os-release');
    assert.equal(await version(), 'VERSION_ID=1');
    registry.add('e2e/moving', 'latest', await pictures('2'));
    await cluster.start(namespace, lasting('other', mortal, showing(reference)));
    assert.equal(await version(), 'VERSION_ID=1');
    await restart(pod);
    assert.equal(await version(), 'VERSION_ID=2');
  });
});

describe('image volumes when others come and go', () => {
  test('an image that is removed stays for whom it was shown, and a kubelet that comes later takes it away', async () => {
    const namespace = await cluster.namespace('image-volume-removed');
    const image = await built(undefined, file('data.json', 'own'));
    registry.add('e2e/own', '1', image);
    const reference = `${registry.host}/e2e/own:1`;
    const made = await cluster.start(namespace, lasting('test-pod', mounted(), showing(reference)));
    const [pod, uid] = [pathOf(made), `${made.metadata?.uid}`];
    const names = (await ctr('images', 'ls', '-q'))
      .split('\n')
      .filter((name) => name.includes('/e2e/own') || name === image.id);
    assert.notDeepEqual(names, []);
    await ctr('images', 'rm', '--sync', ...names);
    assert.equal(await cluster.sh(pod, 'cat /volume/data.json'), 'own');
    assert.ok((await ctr('snapshots', 'ls')).includes(uid));
    const state = JSON.parse(await readFile(join(cluster.folder, 'run/supervisor.json'), 'utf8')) as {
      readonly children: readonly { readonly pid: number; readonly name: string }[];
    };
    const agent = state.children.find(({ name }) => name === 'node-1');
    assert.ok(agent !== undefined, JSON.stringify(state));
    process.kill(agent.pid, 'SIGKILL');
    await cluster.delete(pod, { gracePeriodSeconds: 0 });
    await eventually(async () => {
      assert.deepEqual(mountsOf(uid), []);
      assert.ok(!(await ctr('snapshots', 'ls')).includes(uid), 'the snapshot is still there');
    });
    // Whoever comes next gets it again.
    const again = pathOf(await cluster.start(namespace, lasting('again', mounted(), showing(reference))));
    assert.equal(await cluster.sh(again, 'cat /volume/data.json'), 'own');
  });
});
