import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createNodeHost } from '../host/node/node.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { loadCredentials } from './credentials.ts';

const NAMES = ['admin', 'apiserver', 'ca', 'front-proxy-ca', 'front-proxy-client', 'kubelet-client'];

test('a new cluster has all its keys on disk before anything is returned, and only once', async () => {
  const root = await mkdtemp(join(tmpdir(), 'k8ts-credentials-'));
  try {
    const parts = { ...createNodeHost(), folder: join(root, 'pki'), hosts: ['localhost', '192.0.2.7'] };
    const first = await loadCredentials(parts);
    assert.deepEqual((await readdir(parts.folder)).sort(), [
      ...NAMES.flatMap((name) => [`${name}.crt`, `${name}.key`]),
      'service-account.key',
    ]);
    for (const name of [...NAMES, 'service-account'])
      assert.equal((await stat(join(parts.folder, `${name}.key`))).mode & 0o777, 0o600, name);
    assert.equal(new X509Certificate(first.server.certificatePem).checkIP('192.0.2.7'), '192.0.2.7');
    assert.deepEqual(await loadCredentials(parts), first);

    await writeFile(join(root, 'file'), '');
    await assert.rejects(loadCredentials({ ...parts, folder: join(root, 'file', 'pki') }), /ENOTDIR/);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

test('whichever file a crash took away, what is left is good again after the next start', async () => {
  const { disk, clock } = createSimulatedHost(1);
  const parts = { disk, clock, folder: '/pki', hosts: ['localhost'] };
  for (const name of NAMES) {
    for (const end of ['crt', 'key']) {
      await loadCredentials(parts);
      await disk.remove(`/pki/${name}.${end}`);
      const after = await loadCredentials(parts);
      const issued = (pair: { certificatePem: string }, by: { certificatePem: string }): boolean =>
        new X509Certificate(pair.certificatePem).verify(new X509Certificate(by.certificatePem).publicKey);
      for (const leaf of [after.server, after.admin, after.kubeletClient])
        assert.ok(issued(leaf, after.authority), `${name}.${end}`);
      assert.ok(issued(after.frontProxyClient, after.frontProxyAuthority), `${name}.${end}`);
      assert.deepEqual(await loadCredentials(parts), after);
    }
  }
});
