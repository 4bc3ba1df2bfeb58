/**
 * Official tests of [sig-storage] EmptyDir volumes, Subpath and what [sig-node] Variable Expansion makes of
 * paths in volumes, in real containers.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { each, type Fields } from '../api.fixture.ts';
import {
  AT_ONCE,
  BUSYBOX,
  isRunning,
  lasting,
  once,
  pathOf,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

let cluster: RealCluster;
before(async () => {
  cluster = await startContainers();
});
after(() => cluster.stop());

const NON_ROOT = 1001;
const MOUNT = { volumeMounts: [{ name: 'test-volume', mountPath: '/test-volume' }] };
/** The type of the file system that is mounted at the folder. */
const MOUNT_TYPE = `awk '$2 == "/test-volume" { print $3 }' /proc/mounts`;

const FILES: readonly (readonly [string, number, string, string])[] = [
  ['EmptyDir volumes should support (root,0644,tmpfs)', 0, '0644', 'tmpfs'],
  ['EmptyDir volumes should support (root,0666,tmpfs)', 0, '0666', 'tmpfs'],
  ['EmptyDir volumes should support (root,0777,tmpfs)', 0, '0777', 'tmpfs'],
  ['EmptyDir volumes should support (non-root,0644,tmpfs)', NON_ROOT, '0644', 'tmpfs'],
  ['EmptyDir volumes should support (non-root,0666,tmpfs)', NON_ROOT, '0666', 'tmpfs'],
  ['EmptyDir volumes should support (non-root,0777,tmpfs)', NON_ROOT, '0777', 'tmpfs'],
  ['EmptyDir volumes should support (root,0644,default)', 0, '0644', 'default'],
  ['EmptyDir volumes should support (root,0666,default)', 0, '0666', 'default'],
  ['EmptyDir volumes should support (root,0777,default)', 0, '0777', 'default'],
  ['EmptyDir volumes should support (non-root,0644,default)', NON_ROOT, '0644', 'default'],
  ['EmptyDir volumes should support (non-root,0666,default)', NON_ROOT, '0666', 'default'],
  ['EmptyDir volumes should support (non-root,0777,default)', NON_ROOT, '0777', 'default'],
];
const emptyDir = (medium: string): object => ({
  volumes: [{ name: 'test-volume', emptyDir: medium === 'tmpfs' ? { medium: 'Memory' } : {} }],
});

function emptyDirTests(): void {
  for (const [title, runAsUser, mode, medium] of FILES)
    test(title, async () => {
      const namespace = await cluster.namespace(`empty-${runAsUser}-${mode}-${medium}`);
      const file = '/test-volume/test-file';
      const script = `umask 0; echo new file > ${file}; chmod ${mode} ${file}; ls -l ${file} | cut -c 1-10;
        stat -c %u ${file}; cat ${file}; ${MOUNT_TYPE}`;
      const container = { ...MOUNT, securityContext: { runAsUser } };
      const printed = await cluster.output(namespace, once('writer', script, container, emptyDir(medium)));
      const [permissions, owner, content, type] = printed.split('\n');
      const words: Record<string, string> = { '0644': 'rw-r--r--', '0666': 'rw-rw-rw-', '0777': 'rwxrwxrwx' };
      assert.deepEqual([permissions, owner, content], [`-${words[mode]}`, `${runAsUser}`, 'new file']);
      assert.equal(type === 'tmpfs', medium === 'tmpfs', printed);
    });

  for (const [title, medium] of [
    ['EmptyDir volumes volume on tmpfs should have the correct mode', 'tmpfs'],
    ['EmptyDir volumes volume on default medium should have the correct mode', 'default'],
  ] as const)
    test(title, async () => {
      const namespace = await cluster.namespace(`empty-mode-${medium}`);
      const script = `stat -c %A /test-volume; ${MOUNT_TYPE}`;
      const printed = await cluster.output(namespace, once('looker', script, MOUNT, emptyDir(medium)));
      const [permissions, type] = printed.split('\n');
      assert.equal(permissions, 'drwxrwxrwx');
      assert.equal(type === 'tmpfs', medium === 'tmpfs', printed);
    });

  test('EmptyDir volumes pod should support shared volumes between containers', async () => {
    const namespace = await cluster.namespace('empty-shared');
    const container = (name: string, mountPath: string, script: string): object => ({
      name,
      image: BUSYBOX,
      command: ['sh', '-c', script],
      volumeMounts: [{ name: 'shared-data', mountPath }],
    });
    const pod = await cluster.post(`${namespace}/pods`, {
      metadata: { name: 'pod-sharedvolume' },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        volumes: [{ name: 'shared-data', emptyDir: {} }],
        containers: [
          container('main', '/usr/share/volumeshare', 'sleep 3600'),
          container('sub', '/pod-data', 'echo Hello from the sub-container > /pod-data/shareddata.txt'),
        ],
      },
    });
    const subHasEnded = ({ status }: Fields): boolean =>
      each(status?.containerStatuses).some(
        ({ name, state }) => `${name}` === 'sub' && state?.terminated !== undefined,
      );
    await cluster.pod(pathOf(pod), subHasEnded);
    const read = await cluster.sh(pathOf(pod), 'cat /usr/share/volumeshare/shareddata.txt', 'main');
    assert.equal(read, 'Hello from the sub-container');
  });

  test('EmptyDir wrapper volumes should not conflict', async () => {
    const namespace = await cluster.namespace('wrapper-conflict');
    const value = Buffer.from('value-1\n').toString('base64');
    await cluster.post(`${namespace}/secrets`, { metadata: { name: 'both' }, data: { 'data-1': value } });
    await cluster.post(`${namespace}/configmaps`, {
      metadata: { name: 'both' },
      binaryData: { 'data-1': value },
    });
    const volumes = [
      { name: 'secret-volume', secret: { secretName: 'both' } },
      { name: 'configmap-volume', configMap: { name: 'both' } },
    ];
    const volumeMounts = [
      { name: 'secret-volume', mountPath: '/etc/secret-volume', readOnly: true },
      { name: 'configmap-volume', mountPath: '/etc/configmap-volume' },
    ];
    const pod = await cluster.start(namespace, lasting('pod-secrets', { volumeMounts }, { volumes }));
    const read = await cluster.sh(pathOf(pod), 'cat /etc/secret-volume/data-1 /etc/configmap-volume/data-1');
    assert.equal(read, 'value-1\nvalue-1');
  });

  test('EmptyDir wrapper volumes should not cause race condition when used for configmaps', async () => {
    const namespace = await cluster.namespace('wrapper-race');
    const names = Array.from({ length: 50 }, (_, i) => `racey-configmap-${i}`);
    for (const name of names)
      await cluster.post(`${namespace}/configmaps`, { metadata: { name }, data: { 'data-1': 'value-1' } });
    const items = [{ key: 'data-1', path: 'data-1' }];
    const volumes = names.map((name) => ({ name, configMap: { name, items } }));
    const volumeMounts = names.map((name, i) => ({ name, mountPath: `/etc/config-${i}` }));
    for (const round of [1, 2, 3]) {
      const labels = { name: `race-${round}` };
      const { spec } = lasting('', { volumeMounts }, { volumes, dnsPolicy: 'Default' }) as { spec: object };
      await cluster.post(`${namespace}/replicationcontrollers`, {
        metadata: labels,
        spec: { replicas: 5, selector: labels, template: { metadata: { labels }, spec } },
      });
      await allRun(namespace, `name=race-${round}`, 5);
      const controller = `${namespace}/replicationcontrollers/race-${round}`;
      await cluster.delete(controller, { propagationPolicy: 'Background' });
    }
  });
}

async function allRun(namespace: string, selector: string, count: number): Promise<void> {
  const pods = await cluster.list(
    `${namespace}/pods?labelSelector=${selector}`,
    (items) => items.length === count,
  );
  for (const pod of pods) await cluster.pod(pathOf(pod), isRunning);
}

const SUBPATHS: readonly (readonly [string, string, object, string, string?])[] = [
  [
    'Subpath Atomic writer volumes should support subpaths with secret pod',
    'secret-key',
    { secret: { secretName: 'my-secret' } },
    'secret-value',
  ],
  [
    'Subpath Atomic writer volumes should support subpaths with configmap pod',
    'configmap-key',
    { configMap: { name: 'my-configmap' } },
    'configmap-value',
  ],
  [
    'Subpath Atomic writer volumes should support subpaths with configmap pod with mountPath of existing file',
    'configmap-key',
    { configMap: { name: 'my-configmap' } },
    'configmap-value',
    '/etc/resolv.conf',
  ],
  [
    'Subpath Atomic writer volumes should support subpaths with downward pod',
    'downward/podname',
    { downwardAPI: { items: [{ path: 'downward/podname', fieldRef: { fieldPath: 'metadata.name' } }] } },
    'subpath',
  ],
  [
    'Subpath Atomic writer volumes should support subpaths with projected pod',
    'projected/configmap-key',
    {
      projected: {
        sources: [
          {
            configMap: {
              name: 'my-configmap',
              items: [{ path: 'projected/configmap-key', key: 'configmap-key' }],
            },
          },
        ],
      },
    },
    'configmap-value',
  ],
];

function pathTests(): void {
  for (const [i, [title, subPath, source, value, mountPath = '/test-volume']] of SUBPATHS.entries())
    test(title, async () => {
      const namespace = await cluster.namespace(`subpath-${i}`);
      await cluster.post(`${namespace}/secrets`, {
        metadata: { name: 'my-secret' },
        data: { 'secret-key': Buffer.from('secret-value').toString('base64') },
      });
      await cluster.post(`${namespace}/configmaps`, {
        metadata: { name: 'my-configmap' },
        data: { 'configmap-key': 'configmap-value' },
      });
      const volumeMounts = [{ name: 'test-volume', mountPath, subPath }];
      const volumes = [{ name: 'test-volume', ...source }];
      const pod = once('subpath', `cat ${mountPath}`, { volumeMounts }, { volumes });
      assert.equal(await cluster.output(namespace, pod), value);
    });

  const VOLUMES = { volumes: [{ name: 'workdir1', emptyDir: {} }] };

  test('Variable Expansion should allow substituting values in a volume subpath', async () => {
    const namespace = await cluster.namespace('expand-subpath');
    const container = {
      env: [{ name: 'POD_NAME', value: 'expanded' }],
      volumeMounts: [
        { name: 'workdir1', mountPath: '/logscontainer', subPathExpr: '$(POD_NAME)' },
        { name: 'workdir1', mountPath: '/testcontainer' },
      ],
    };
    const pod = once('expanded', 'test -d /testcontainer/expanded; echo $?', container, VOLUMES);
    assert.equal(await cluster.output(namespace, pod), '0\n');
  });

  test('a path in a volume that is not there yet is open to whom the volume is open', async () => {
    const namespace = await cluster.namespace('subpath-deep');
    const volumeMounts = [{ name: 'workdir1', mountPath: '/deep', subPath: 'not/there/yet' }];
    const container = { volumeMounts, securityContext: { runAsUser: NON_ROOT } };
    const script = 'stat -c "%A %g" /deep; touch /deep/file; stat -c %g /deep/file';
    const spec = { ...VOLUMES, securityContext: { fsGroup: 123 } };
    const printed = await cluster.output(namespace, once('deep', script, container, spec));
    assert.equal(printed, 'drwxrwsrwx 123\n123\n');
  });

  test('Variable Expansion should succeed in writing subpaths in container', async () => {
    const namespace = await cluster.namespace('expand-writes');
    const fieldRef = { fieldPath: "metadata.annotations['mysubpath']" };
    const container = {
      env: [
        { name: 'POD_NAME', value: 'foo' },
        { name: 'ANNOTATION', valueFrom: { fieldRef } },
      ],
      volumeMounts: [
        { name: 'workdir1', mountPath: '/subpath_mount', subPathExpr: '$(ANNOTATION)/$(POD_NAME)' },
        { name: 'workdir1', mountPath: '/volume_mount' },
      ],
    };
    const pod = lasting('writer', container, VOLUMES) as { metadata: object };
    const annotated = { ...pod, metadata: { ...pod.metadata, annotations: { mysubpath: 'mypath' } } };
    const path = pathOf(await cluster.start(namespace, annotated));
    await cluster.sh(path, 'touch /volume_mount/mypath/foo/test.log');
    await cluster.sh(path, 'test -f /subpath_mount/test.log');
    await cluster.patch(path, { metadata: { annotations: { mysubpath: 'mynewpath' } } });
    await cluster.pod(path, isRunning);
    await cluster.remove(path);
  });
}

describe('volumes', AT_ONCE, () => {
  describe('volumes without a source', AT_ONCE, emptyDirTests);
  describe('paths in volumes', AT_ONCE, pathTests);
});
