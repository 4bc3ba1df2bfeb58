import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Pod, Volume } from '../../api/types.gen.ts';
import { MemoryFiles } from '../system/simulated/memory-files.ts';
import { writeAtomically } from './atomic-writer.ts';
import { subPathOf } from './container-mounts.ts';
import { prepareHostPath } from './host-path.ts';
import { volumePayload, type PayloadSources } from './payload.ts';
import { resolveSubPath } from './sub-path.ts';

const NOW = Date.UTC(2026, 0, 31, 10, 0, 0, 123);
const read = async (files: MemoryFiles, path: string): Promise<string | undefined> => {
  const bytes = await files.read(path);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
};
const payloadOf = (entries: Readonly<Record<string, string>>) =>
  new Map(Object.entries(entries).map(([path, text]) => [path, { bytes: Buffer.from(text), mode: 0o644 }]));

test('files are replaced all at once', async () => {
  const files = new MemoryFiles();
  await files.makeFolder('/v', 0o755);
  const write = (entries: Readonly<Record<string, string>>) =>
    writeAtomically(files, '/v', payloadOf(entries), { nowMs: NOW });
  assert.equal(await write({ a: '1', 'dir/b': '2' }), true);
  assert.deepEqual(await files.list('/v'), ['..2026_01_31_10_00_00.123000000', '..data', 'a', 'dir']);
  assert.equal(await files.readLink('/v/a'), '..data/a');
  assert.equal(await read(files, '/v/dir/b'), '2');
  assert.equal(await write({ a: '1', 'dir/b': '2' }), false);
  assert.equal(await write({ a: '1', c: '3' }), true);
  assert.deepEqual(await files.list('/v'), ['..2026_01_31_10_00_00.123000001', '..data', 'a', 'c']);
  assert.deepEqual([await read(files, '/v/c'), await read(files, '/v/dir/b')], ['3', undefined]);
  assert.equal(await write({}), true);
  assert.deepEqual(
    (await files.list('/v')).filter((name) => !name.startsWith('..')),
    [],
  );
});

test('a group that owns the volume can read it', async () => {
  const files = new MemoryFiles();
  await files.makeFolder('/v', 0o755);
  const payload = new Map([['key', { bytes: Buffer.from('x'), mode: 0o400 }]]);
  await writeAtomically(files, '/v', payload, { nowMs: NOW, owner: { uid: -1, gid: 2000 } });
  const stat = await files.stat('/v/key');
  assert.deepEqual([stat?.mode, stat?.gid, stat?.uid], [0o440, 2000, 0]);
});

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', uid: 'u', labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', resources: { limits: { cpu: '2' } } }] },
  status: {},
};
const sources: PayloadSources = {
  pod,
  hostIps: [],
  podIps: [],
  allocatable: {},
  configMaps: new Map([
    [
      'cm',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { k: 'v' }, binaryData: { bin: 'AAE=' } },
    ],
  ]),
  secrets: new Map([['s', { apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { p: 'cHc=' } }]]),
  tokens: new Map([['token', 'jwt']]),
};

function filesOf(volume: Omit<Volume, 'name'>): Readonly<Record<string, string>> | string {
  const made = volumePayload({ name: 'v', ...volume }, sources);
  if (made === undefined) return 'not files';
  if (made.type === 'failed') return made.message;
  return Object.fromEntries(
    [...made.files].map(([path, { bytes, mode }]) => [path, `${Buffer.from(bytes)} ${mode.toString(8)}`]),
  );
}

test('what the files of volumes hold', () => {
  assert.deepEqual(filesOf({ configMap: { name: 'cm' } }), { k: 'v 644', bin: '\u0000\u0001 644' });
  const items = [{ key: 'k', path: 'x/y', mode: 0o600 }];
  assert.deepEqual(filesOf({ configMap: { name: 'cm', items } }), { 'x/y': 'v 600' });
  assert.deepEqual(filesOf({ secret: { secretName: 's', defaultMode: 0o400 } }), { p: 'pw 400' });
  const downwardAPI = {
    items: [
      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
      { path: 'cpu', resourceFieldRef: { containerName: 'c', resource: 'limits.cpu', divisor: '1m' } },
    ],
  };
  assert.deepEqual(filesOf({ downwardAPI }), { labels: 'a="b" 644', cpu: '2000 644' });
  const projected = {
    sources: [
      { serviceAccountToken: { path: 'token' } },
      { configMap: { name: 'cm', items: [{ key: 'k', path: 'ca' }] } },
    ],
  };
  assert.deepEqual(filesOf({ projected }), { token: 'jwt 644', ca: 'v 644' });
  assert.equal(filesOf({ configMap: { name: 'no' } }), 'configmap "no" not found');
  assert.deepEqual(filesOf({ configMap: { name: 'no', optional: true } }), {});
  const missing = { name: 'cm', items: [{ key: 'no', path: 'x' }] };
  assert.equal(filesOf({ configMap: missing }), 'references non-existent config key: no');
  assert.equal(filesOf({ emptyDir: {} }), 'not files');
});

test('links in a volume do not lead out of it', async () => {
  const files = new MemoryFiles();
  await files.makeFolder('/v', 0o2777);
  await files.makeFolder('/v/data', 0o700);
  await files.write('/v/data/f', 'x');
  await files.symlink('data', '/v/inside');
  await files.symlink('/etc', '/v/absolute');
  await files.symlink('../../etc', '/v/data/up');
  assert.equal(await resolveSubPath(files, '/v', 'inside/f'), '/v/data/f');
  assert.equal(await resolveSubPath(files, '/v', 'data/new'), '/v/data/new');
  // Whatever is made is open to whom the volume is open.
  assert.equal((await files.stat('/v/data/new'))?.mode, 0o2777);
  assert.equal(await resolveSubPath(files, '/v', 'deep/down'), '/v/deep/down');
  for (const path of ['/v/deep', '/v/deep/down']) assert.equal((await files.stat(path))?.mode, 0o2777);
  for (const path of ['absolute', 'data/up', '../x'])
    await assert.rejects(resolveSubPath(files, '/v', path), /leads out of its volume/);
});

test('hostPath checks what it is told to', async () => {
  const files = new MemoryFiles();
  await files.makeFolder('/d', 0o755);
  assert.equal(await prepareHostPath(files, { path: '/anything' }), '/anything');
  await assert.rejects(
    prepareHostPath(files, { path: '/d', type: 'File' }),
    /hostPath type check failed: \/d is not a file/,
  );
  await prepareHostPath(files, { path: '/d/new', type: 'DirectoryOrCreate' });
  await prepareHostPath(files, { path: '/d/file', type: 'FileOrCreate' });
  assert.deepEqual(await files.list('/d'), ['file', 'new']);
});

test('a path within a volume is neither absolute nor does it go up, whatever its variables hold', () => {
  const variables = new Map([
    ['NAME', 'web'],
    ['UP', '..'],
    ['TOP', '/tmp'],
    ['EMPTY', ''],
  ]);
  const path = (subPathExpr: string) => subPathOf({ name: 'v', mountPath: '/m', subPathExpr }, variables);
  assert.equal(path('logs/$(NAME)'), 'logs/web');
  assert.equal(subPathOf({ name: 'v', mountPath: '/m' }, variables), '');
  assert.throws(() => path('$(UP)'), /^Error: unable to provision SubPath `\.\.`: must not contain '\.\.'$/);
  assert.throws(() => path('$(TOP)'), /^Error: error SubPath `\/tmp` must not be an absolute path$/);
  assert.throws(() => path('$(EMPTY)/$(NAME)'), /`\/web` must not be an absolute path/);
  assert.throws(() => path('$(NOBODY)'), /^Error: missing value for "NOBODY"$/);
});
