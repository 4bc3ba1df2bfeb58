/** A real process, killed while it writes: every write that it told us about must be there. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createNodeHost } from '../../host/node/node.ts';
import { testCodec } from '../contract-fixture.ts';
import { openEmbeddedStore } from './embedded.ts';

const ROUNDS = 5;
const WRITER = fileURLToPath(new URL('kill-writer.fixture.ts', import.meta.url));

test('kill -9 loses nothing acknowledged', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-kill-'));
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 40 + 37 * round));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    // The last line may have been cut short.
    acknowledged = Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1));
    assert(acknowledged > 0);
    const store = await openEmbeddedStore({ codec: testCodec, host: createNodeHost(), folder });
    assert(
      store.revision >= acknowledged,
      `revision ${store.revision}, but ${acknowledged} was acknowledged`,
    );
    for (const entry of store.snapshot())
      assert.equal(entry.value.text, `${entry.modRevision} ${'x'.repeat(500)}`);
    await store.close();
  }
  await rm(folder, { recursive: true });
});
