/** A server that fails when it listens already: it ends, so that whoever watches over it starts it again. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort, MAIN, run } from './cluster.fixture.ts';

test('a server that cannot write its state ends with an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-failed-start-'));
  try {
    // A folder stands where the state, written when the server listens, belongs.
    await mkdir(join(folder, 'run/server.json'), { recursive: true });
    const place = ['--runtime', 'simulated', '--data-dir', folder, '--port', String(await freePort())];
    const outcome = await run([process.execPath, MAIN, 'server', ...place], { timeoutMs: 20_000 });
    assert.equal(outcome.exitCode, 1, `${outcome.stdout}${outcome.stderr}`);
    assert.match(outcome.stderr, /server\.json/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
