/**
 * Official tests of [sig-storage] ConfigMap, Secrets, Projected configMap and Projected secret: files in real
 * containers. Where the official tests read a file again and again and look at the log, these run `cat` in the
 * container.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AT_ONCE,
  eventually,
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

type Kind = 'configMap' | 'secret';
interface Source {
  readonly kind: Kind;
  readonly isProjected: boolean;
}

const DATA = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };
const plural = ({ kind }: Source): string => (kind === 'secret' ? 'secrets' : 'configmaps');

function dataOf({ kind }: Source, values: Readonly<Record<string, string>>): object {
  return kind === 'configMap' ? { data: values } : { stringData: values };
}

function volume(
  { kind, isProjected }: Source,
  name: string,
  { defaultMode, ...rest }: { readonly defaultMode?: number; readonly [field: string]: unknown } = {},
): object {
  const mode = defaultMode === undefined ? {} : { defaultMode };
  if (isProjected) return { projected: { ...mode, sources: [{ [kind]: { name, ...rest } }] } };
  const named = kind === 'secret' ? { secretName: name } : { name };
  return { [kind]: { ...named, ...mode, ...rest } };
}

let count = 0;
/** A namespace with the object `keys` in it. */
async function withKeys(source: Source): Promise<string> {
  const namespace = await cluster.namespace(`keys-${++count}`);
  await cluster.post(`${namespace}/${plural(source)}`, {
    metadata: { name: 'keys' },
    ...dataOf(source, DATA),
  });
  return namespace;
}

const MOUNT = { volumeMounts: [{ name: 'keys', mountPath: '/etc/keys', readOnly: true }] };

interface Reading {
  readonly source: Source;
  readonly options?: { readonly defaultMode?: number; readonly [field: string]: unknown };
  readonly user?: object;
  /** Path in the volume, content and permissions. */
  readonly file: readonly [string, string, string];
}

async function reads({
  source,
  options = {},
  user = {},
  file: [path, content, mode],
}: Reading): Promise<void> {
  const namespace = await withKeys(source);
  const volumes = [{ name: 'keys', ...volume(source, 'keys', options) }];
  const script = `cat /etc/keys/${path}; echo; stat -L -c %A /etc/keys/${path}`;
  const pod = once('reader', script, MOUNT, { volumes, securityContext: user });
  assert.equal(await cluster.output(namespace, pod), `${content}\n${mode}\n`);
}

async function readsTwice(source: Source): Promise<void> {
  const namespace = await withKeys(source);
  const volumes = [1, 2].map((i) => ({ name: `volume-${i}`, ...volume(source, 'keys') }));
  const volumeMounts = [1, 2].map((i) => ({
    name: `volume-${i}`,
    mountPath: `/etc/volume-${i}`,
    readOnly: true,
  }));
  const script = 'cat /etc/volume-1/data-1 /etc/volume-2/data-1';
  const pod = once('reader', script, { volumeMounts }, { volumes });
  assert.equal(await cluster.output(namespace, pod), 'value-1value-1');
}

async function seesUpdate(source: Source): Promise<void> {
  const namespace = await withKeys(source);
  const volumes = [{ name: 'keys', ...volume(source, 'keys') }];
  const pod = pathOf(await cluster.start(namespace, lasting('reader', MOUNT, { volumes })));
  const read = (): Promise<string> => cluster.sh(pod, 'cat /etc/keys/data-1');
  assert.equal(await read(), 'value-1');
  await cluster.patch(`${namespace}/${plural(source)}/keys`, dataOf(source, { 'data-1': 'value-2' }));
  await eventually(async () => assert.equal(await read(), 'value-2'));
}

/** One object is deleted, one changed, one made only after the pod has started. */
async function seesOptionalUpdates(source: Source): Promise<void> {
  const namespace = await withKeys(source);
  const path = `${namespace}/${plural(source)}`;
  const make = (name: string): Promise<unknown> =>
    cluster.post(path, { metadata: { name }, ...dataOf(source, { 'data-1': 'value-1' }) });
  await Promise.all(['deleted', 'updated'].map(make));
  const names = ['deleted', 'updated', 'created'];
  const volumes = names.map((name) => ({ name, ...volume(source, name, { optional: true }) }));
  const volumeMounts = names.map((name) => ({ name, mountPath: `/etc/${name}`, readOnly: true }));
  const pod = pathOf(await cluster.start(namespace, lasting('reader', { volumeMounts }, { volumes })));
  const read = (): Promise<string> =>
    cluster.sh(
      pod,
      'cd /etc; for f in deleted/* updated/* created/*; do echo $f $(cat $f); done 2> /dev/null',
    );
  assert.equal(await read(), 'deleted/data-1 value-1\nupdated/data-1 value-1\ncreated/*');
  await cluster.delete(`${path}/deleted`);
  const { metadata } = await cluster.get(`${path}/updated`);
  await cluster.put(`${path}/updated`, { metadata, ...dataOf(source, { 'data-3': 'value-3' }) });
  await make('created');
  await eventually(async () =>
    assert.equal(await read(), 'deleted/*\nupdated/data-3 value-3\ncreated/data-1 value-1'),
  );
}

const CONFIG_MAP: Source = { kind: 'configMap', isProjected: false };
const PROJECTED_CONFIG_MAP: Source = { kind: 'configMap', isProjected: true };
const SECRET: Source = { kind: 'secret', isProjected: false };
const PROJECTED_SECRET: Source = { kind: 'secret', isProjected: true };
const PLAIN = ['data-1', 'value-1', '-rw-r--r--'] as const;
const OWNER_ONLY = ['data-1', 'value-1', '-r--------'] as const;
const MAPPED = { items: [{ key: 'data-2', path: 'path/to/data-2' }] };
const MAPPED_MODE = { items: [{ key: 'data-2', path: 'path/to/data-2', mode: 0o400 }] };
const MAPPED_FILE = ['path/to/data-2', 'value-2', '-rw-r--r--'] as const;
const MAPPED_OWNER_ONLY = ['path/to/data-2', 'value-2', '-r--------'] as const;
const NON_ROOT = { runAsUser: 1000 };

const READINGS: readonly (Reading & { readonly title: string })[] = [
  { title: 'ConfigMap should be consumable from pods in volume', source: CONFIG_MAP, file: PLAIN },
  {
    title: 'ConfigMap should be consumable from pods in volume as non-root',
    source: CONFIG_MAP,
    user: NON_ROOT,
    file: PLAIN,
  },
  {
    title: 'ConfigMap should be consumable from pods in volume with defaultMode set',
    source: CONFIG_MAP,
    options: { defaultMode: 0o400 },
    file: OWNER_ONLY,
  },
  {
    title: 'ConfigMap should be consumable from pods in volume with mappings',
    source: CONFIG_MAP,
    options: MAPPED,
    file: MAPPED_FILE,
  },
  {
    title: 'ConfigMap should be consumable from pods in volume with mappings and Item mode set',
    source: CONFIG_MAP,
    options: MAPPED_MODE,
    file: MAPPED_OWNER_ONLY,
  },
  {
    title: 'ConfigMap should be consumable from pods in volume with mappings as non-root',
    source: CONFIG_MAP,
    options: MAPPED,
    user: NON_ROOT,
    file: MAPPED_FILE,
  },
  {
    title: 'Projected configMap should be consumable from pods in volume',
    source: PROJECTED_CONFIG_MAP,
    file: PLAIN,
  },
  {
    title: 'Projected configMap should be consumable from pods in volume as non-root',
    source: PROJECTED_CONFIG_MAP,
    user: NON_ROOT,
    file: PLAIN,
  },
  {
    title: 'Projected configMap should be consumable from pods in volume with defaultMode set',
    source: PROJECTED_CONFIG_MAP,
    options: { defaultMode: 0o400 },
    file: OWNER_ONLY,
  },
  {
    title: 'Projected configMap should be consumable from pods in volume with mappings',
    source: PROJECTED_CONFIG_MAP,
    options: MAPPED,
    file: MAPPED_FILE,
  },
  {
    title: 'Projected configMap should be consumable from pods in volume with mappings and Item mode set',
    source: PROJECTED_CONFIG_MAP,
    options: MAPPED_MODE,
    file: MAPPED_OWNER_ONLY,
  },
  {
    title: 'Projected configMap should be consumable from pods in volume with mappings as non-root',
    source: PROJECTED_CONFIG_MAP,
    options: MAPPED,
    user: NON_ROOT,
    file: MAPPED_FILE,
  },
  { title: 'Secrets should be consumable from pods in volume', source: SECRET, file: PLAIN },
  {
    title: 'Secrets should be consumable from pods in volume as non-root with defaultMode and fsGroup set',
    source: SECRET,
    options: { defaultMode: 0o440 },
    user: { ...NON_ROOT, fsGroup: 1001 },
    file: ['data-1', 'value-1', '-r--r-----'],
  },
  {
    title: 'Secrets should be consumable from pods in volume with defaultMode set',
    source: SECRET,
    options: { defaultMode: 0o400 },
    file: OWNER_ONLY,
  },
  {
    title: 'Secrets should be consumable from pods in volume with mappings',
    source: SECRET,
    options: MAPPED,
    file: MAPPED_FILE,
  },
  {
    title: 'Secrets should be consumable from pods in volume with mappings and Item Mode set',
    source: SECRET,
    options: MAPPED_MODE,
    file: MAPPED_OWNER_ONLY,
  },
  {
    title: 'Projected secret should be consumable from pods in volume',
    source: PROJECTED_SECRET,
    file: PLAIN,
  },
  {
    title:
      'Projected secret should be consumable from pods in volume as non-root with defaultMode and fsGroup set',
    source: PROJECTED_SECRET,
    options: { defaultMode: 0o440 },
    user: { ...NON_ROOT, fsGroup: 1001 },
    file: ['data-1', 'value-1', '-r--r-----'],
  },
  {
    title: 'Projected secret should be consumable from pods in volume with defaultMode set',
    source: PROJECTED_SECRET,
    options: { defaultMode: 0o400 },
    file: OWNER_ONLY,
  },
  {
    title: 'Projected secret should be consumable from pods in volume with mappings',
    source: PROJECTED_SECRET,
    options: MAPPED,
    file: MAPPED_FILE,
  },
  {
    title: 'Projected secret should be consumable from pods in volume with mappings and Item Mode set',
    source: PROJECTED_SECRET,
    options: MAPPED_MODE,
    file: MAPPED_OWNER_ONLY,
  },
];

const TWICE: readonly (readonly [string, Source])[] = [
  ['ConfigMap should be consumable in multiple volumes in the same pod', CONFIG_MAP],
  ['Projected configMap should be consumable in multiple volumes in the same pod', PROJECTED_CONFIG_MAP],
  ['Secrets should be consumable in multiple volumes in a pod', SECRET],
  ['Projected secret should be consumable in multiple volumes in a pod', PROJECTED_SECRET],
];
const UPDATES: readonly (readonly [string, Source])[] = [
  ['ConfigMap updates should be reflected in volume', CONFIG_MAP],
  ['Projected configMap updates should be reflected in volume', PROJECTED_CONFIG_MAP],
];
const OPTIONAL_UPDATES: readonly (readonly [string, Source])[] = [
  ['ConfigMap optional updates should be reflected in volume', CONFIG_MAP],
  ['Projected configMap optional updates should be reflected in volume', PROJECTED_CONFIG_MAP],
  ['Secrets optional updates should be reflected in volume', SECRET],
  ['Projected secret optional updates should be reflected in volume', PROJECTED_SECRET],
];

describe('volumes of keys and values', AT_ONCE, () => {
  for (const { title, ...reading } of READINGS) test(title, () => reads(reading));
  for (const [title, source] of TWICE) test(title, () => readsTwice(source));
  for (const [title, source] of UPDATES) test(title, () => seesUpdate(source));
  for (const [title, source] of OPTIONAL_UPDATES) test(title, () => seesOptionalUpdates(source));

  test('ConfigMap binary data should be reflected in volume', async () => {
    const namespace = await cluster.namespace('binary-data');
    await cluster.post(`${namespace}/configmaps`, {
      metadata: { name: 'keys' },
      data: { 'data-1': 'value-1' },
      binaryData: { 'dump.bin': Buffer.from('decafebad0feff', 'hex').toString('base64') },
    });
    const volumes = [{ name: 'keys', configMap: { name: 'keys' } }];
    const script = 'cat /etc/keys/data-1; echo; od -An -tx1 /etc/keys/dump.bin';
    const printed = await cluster.output(namespace, once('reader', script, MOUNT, { volumes }));
    assert.match(printed, /^value-1\n *de ca fe ba d0 fe ff\n$/);
  });

  test('Secrets should be able to mount in a volume regardless of a different secret existing with same name in different namespace', async () => {
    const namespace = await withKeys(SECRET);
    const other = await cluster.namespace('keys-elsewhere');
    await cluster.post(`${other}/secrets`, { metadata: { name: 'keys' }, stringData: { 'data-1': 'other' } });
    const volumes = [{ name: 'keys', secret: { secretName: 'keys' } }];
    const script = 'cat /etc/keys/data-1; echo; stat -L -c %A /etc/keys/data-1';
    const printed = await cluster.output(namespace, once('reader', script, MOUNT, { volumes }));
    assert.equal(printed, 'value-1\n-rw-r--r--\n');
  });
});
