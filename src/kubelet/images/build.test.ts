import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';

import { extract } from 'tar-stream';

import { buildImage, imageArchive } from './build.ts';
import type { ImageDefinition, LayerEntry } from './image.ts';
import { isStaticProgram, standardImages } from './standard.ts';

const file = (path: string, text: string, mode = 0o644): LayerEntry => ({
  type: 'file',
  path,
  mode,
  content: Buffer.from(text),
});

interface TarEntry {
  readonly name: string;
  readonly type: string | null | undefined;
  readonly mode: number | undefined;
  readonly text: string;
  readonly link: string | null | undefined;
}

async function untar(archive: Uint8Array | undefined): Promise<readonly TarEntry[]> {
  const found: TarEntry[] = [];
  const reader = extract();
  Readable.from([Buffer.from(archive ?? '')]).pipe(reader);
  for await (const entry of reader) {
    const { name, type, mode, linkname, mtime } = entry.header;
    assert.equal(mtime?.getTime(), 0);
    found.push({ name, type, mode, link: linkname, text: (await buffer(entry)).toString() });
  }
  return found;
}

const definition: ImageDefinition = {
  references: ['k8ts.local/test:1'],
  architecture: 'amd64',
  entries: [
    file('/usr/bin/b', 'B', 0o755),
    file('a', 'old'),
    { type: 'link', path: 'bin', target: 'usr/bin' },
    file('a', 'new'),
  ],
  config: {
    env: ['A=1'],
    entrypoint: ['/usr/bin/b'],
    exposedPorts: ['80/tcp'],
    labels: { x: 'y' },
    user: '7',
  },
};

test('a layer is sorted, has its parent folders, and the last entry of a path wins', async () => {
  const image = await buildImage(definition);
  const entries = await untar(image.layers[0]?.bytes);
  assert.deepEqual(
    entries.map(({ name, type, text, link }) => [name, type, link ?? text]),
    [
      ['a', 'file', 'new'],
      ['bin', 'symlink', 'usr/bin'],
      ['usr/', 'directory', ''],
      ['usr/bin/', 'directory', ''],
      ['usr/bin/b', 'file', 'B'],
    ],
  );
  assert.equal(entries.at(-1)?.mode, 0o755);
});

test('the same definition gives the same digests, whatever the order of its files', async () => {
  const [one, two] = await Promise.all([
    buildImage(definition),
    buildImage({ ...definition, entries: definition.entries.toReversed().slice(1) }),
  ]);
  const sameFiles = await buildImage({ ...definition, entries: definition.entries.slice(0, 3) });
  assert.equal(one.digest, (await buildImage(definition)).digest);
  assert.notEqual(one.digest, sameFiles.digest);
  assert.equal(two.digest, sameFiles.digest);
});

test('the archive is an OCI layout with a name for each reference and digests that hold', async () => {
  const image = await buildImage({
    ...definition,
    references: ['k8ts.local/test:1', 'docker.io/library/test:2'],
  });
  const entries = new Map(
    (await untar(await imageArchive([image, image]))).map((entry) => [entry.name, entry.text]),
  );
  assert.equal(entries.get('oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const index: unknown = JSON.parse(entries.get('index.json') ?? '');
  assert.match(JSON.stringify(index), /"io.containerd.image.name":"docker.io\/library\/test:2"/);
  const config: unknown = JSON.parse(entries.get(`blobs/${image.id.replace(':', '/')}`) ?? '');
  assert.deepEqual(config, {
    created: '1970-01-01T00:00:00.000Z',
    architecture: 'amd64',
    os: 'linux',
    config: {
      User: '7',
      ExposedPorts: { '80/tcp': {} },
      Env: ['A=1'],
      Entrypoint: ['/usr/bin/b'],
      Labels: { x: 'y' },
    },
    rootfs: { type: 'layers', diff_ids: [image.layers[0]?.digest] },
    history: [{ created: '1970-01-01T00:00:00.000Z', created_by: 'k8ts image build' }],
  });
  for (const [name, text] of entries) {
    if (!name.startsWith('blobs/sha256/') || name.includes(image.layers[0]?.digest.slice(7) ?? '')) continue;
    assert.equal(createHash('sha256').update(text).digest('hex'), name.slice('blobs/sha256/'.length));
  }
});

test('an image on a base has its layers first and leaves its folders alone', async () => {
  const base = await buildImage({ ...definition, entries: [{ type: 'folder', path: 'tmp', mode: 0o1777 }] });
  const image = await buildImage({ ...definition, base, entries: [file('tmp/x', ''), file('new/y', '')] });
  assert.deepEqual(image.layers.map((layer) => layer.digest).slice(0, 1), [base.layers[0]?.digest]);
  assert.deepEqual(
    (await untar(image.layers[1]?.bytes)).map((entry) => entry.name),
    ['new/', 'new/y', 'tmp/x'],
  );
  assert.deepEqual([...image.folders].toSorted(), ['new', 'tmp']);
});

test('the standard images hold busybox under the names of its applets', async () => {
  const busybox = { program: Buffer.from('program'), applets: ['bin/busybox', 'bin/sh', 'usr/bin/wget'] };
  const [pause, image] = await standardImages(busybox, 'arm64');
  assert.deepEqual(pause?.references, ['k8ts.local/pause:1']);
  const links = (await untar(image?.layers[0]?.bytes)).filter((entry) => entry.type === 'symlink');
  assert.deepEqual(
    links.map(({ name, link }) => [name, link]),
    [
      ['bin/sh', '/bin/busybox'],
      ['usr/bin/wget', '/bin/busybox'],
    ],
  );
});

test('only programs without an interpreter are static', () => {
  const elf = (segment: number): Uint8Array => {
    const bytes = Buffer.alloc(64 + 56);
    bytes.writeUInt32BE(0x7f454c46, 0);
    bytes.writeBigUInt64LE(64n, 32);
    bytes.writeUInt16LE(56, 54);
    bytes.writeUInt16LE(1, 56);
    bytes.writeUInt32LE(segment, 64);
    return bytes;
  };
  assert.equal(isStaticProgram(elf(1)), true);
  assert.equal(isStaticProgram(elf(3)), false);
  assert.equal(isStaticProgram(Buffer.from('#!/bin/sh')), false);
});
