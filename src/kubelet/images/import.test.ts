import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { MemoryRuntime } from '../cri/memory/memory.ts';
import { buildImage } from './build.ts';
import { ensureImages, importArchive } from './import.ts';

const image = await buildImage({
  references: ['k8ts.local/app:1', 'docker.io/library/app:1', 'docker.io/library/app:2'],
  architecture: 'amd64',
  entries: [],
  config: {},
});

test('missing names are imported, and a pulled image keeps its name', async () => {
  const host = createSimulatedHost(1);
  const runtime = new MemoryRuntime({ clock: host.clock, random: host.random });
  await runtime.pullImage({ image: 'app:1' });
  await runtime.pullImage({ image: 'k8ts.local/app:1' });
  let archive = '';
  let command: readonly string[] = [];
  const processes = {
    spawn: host.processes.spawn.bind(host.processes),
    async run(given: readonly string[]) {
      command = given;
      archive = Buffer.from((await host.disk.readFile(given.at(-1) ?? '')) ?? '').toString();
      return { exitCode: 0, stdout: 'unpacking docker.io/library/app:2 (sha256:00ff)...done\n', stderr: '' };
    },
  };
  const target = { socketPath: '/run/c.sock' };
  const imported = await ensureImages({ disk: host.disk, processes }, runtime, target, [image], '/scratch');
  assert.deepEqual(imported, ['docker.io/library/app:2']);
  assert.deepEqual(command.slice(0, 7), [
    'ctr',
    '--address',
    '/run/c.sock',
    '--namespace',
    'k8s.io',
    'images',
    'import',
  ]);
  assert.ok(
    archive.includes('"io.containerd.image.name":"k8ts.local/app:1"'),
    'ours is replaced by the right one',
  );
  assert.ok(archive.includes('"io.containerd.image.name":"docker.io/library/app:2"'));
  assert.ok(!archive.includes('"io.containerd.image.name":"docker.io/library/app:1"'));
  assert.deepEqual(await host.disk.list('/scratch'), []);
});

test('an import that fails says why', async () => {
  const { processes } = createSimulatedHost(1);
  const run = async (): Promise<{ exitCode: number; stdout: string; stderr: string }> => ({
    exitCode: 1,
    stdout: '',
    stderr: 'ctr: unrecognized image format\n',
  });
  await assert.rejects(
    importArchive({ spawn: processes.spawn.bind(processes), run }, { socketPath: '/s' }, '/a.tar'),
    {
      message: '/a.tar was not imported: ctr: unrecognized image format',
    },
  );
});
