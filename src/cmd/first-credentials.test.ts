import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFirstCredentials } from './first-credentials.ts';

test('a thread makes what a new cluster needs, once; what goes wrong in it is heard', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-first-'));
  try {
    const order = { folder: join(folder, 'pki'), hosts: ['localhost', '192.0.2.7'] };
    await makeFirstCredentials(order);
    const names = await readdir(order.folder);
    for (const name of ['ca', 'apiserver', 'admin', 'kubelet-client', 'front-proxy-ca', 'front-proxy-client'])
      assert.ok(names.includes(`${name}.crt`) && names.includes(`${name}.key`), name);
    const server = new X509Certificate(await readFile(join(order.folder, 'apiserver.crt')));
    assert.equal(server.checkIP('192.0.2.7'), '192.0.2.7');

    const before = await readFile(join(order.folder, 'ca.crt'), 'utf8');
    await makeFirstCredentials(order);
    assert.equal(await readFile(join(order.folder, 'ca.crt'), 'utf8'), before);

    const file = join(folder, 'file');
    await writeFile(file, '');
    await assert.rejects(makeFirstCredentials({ ...order, folder: join(file, 'pki') }), /ENOTDIR/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
