import assert from 'node:assert/strict';
import { test } from 'node:test';

import { silentLogger } from '../../base/log.ts';
import type { Container, Pod } from '../../api/types.gen.ts';
import { containerResources, cpuShares } from '../containers/resources.ts';
import { MemoryFiles } from '../system/simulated/memory-files.ts';
import { noCgroups } from './cgroups.ts';
import { cpuWeight } from './hierarchy.ts';
import { createPodCgroups } from './pod-cgroups.ts';
import { podLimits } from './pod-limits.ts';

function podOf(resources: readonly Container['resources'][], more: Partial<Pod['spec']> = {}): Pod {
  const containers = resources.map((each, i) => ({ name: `c${i}`, resources: each }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { uid: 'u1' },
    spec: { containers, ...more },
    status: {},
  };
}

const burstable = podOf([{ requests: { cpu: '500m' }, limits: { cpu: '1', memory: '64Mi' } }]);

/** As the kernel does: a new group has its files at once. */
class KernelFiles extends MemoryFiles {
  readonly #offered: readonly string[];

  constructor(offered: readonly string[]) {
    super();
    this.#offered = offered;
  }

  override async makeFolder(path: string, mode: number): Promise<void> {
    if ((await this.stat(path)) !== undefined) return;
    await super.makeFolder(path, mode);
    for (const name of this.#offered) await this.write(`${path}/${name}`, '');
  }

  override async removeFolder(path: string): Promise<void> {
    for (const name of this.#offered) await this.remove(`${path}/${name}`);
    await super.removeFolder(path);
  }

  async text(path: string): Promise<string> {
    return Buffer.from((await this.read(path)) ?? []).toString();
  }
}

const options = { logger: silentLogger, parent: '/kubepods', cpus: 4, mount: '/cg' };

test('version 1: a folder per controller', async () => {
  const files = new KernelFiles([
    'cpu.shares',
    'cpu.cfs_quota_us',
    'cpu.cfs_period_us',
    'memory.limit_in_bytes',
  ]);
  for (const name of ['cpu', 'memory', 'pids', 'freezer']) await files.makeFolder(`/cg/${name}`, 0o755);
  const cgroups = await createPodCgroups({ ...options, files });
  assert.equal(cgroups.parentOf(burstable), '/kubepods/burstable/podu1');
  await cgroups.create(burstable);
  assert.equal(await files.text('/cg/cpu/kubepods/cpu.shares'), '4096');
  assert.equal(await files.text('/cg/cpu/kubepods/burstable/cpu.shares'), '512');
  assert.equal(await files.text('/cg/cpu/kubepods/burstable/podu1/cpu.cfs_quota_us'), '100000');
  assert.equal(await files.text('/cg/memory/kubepods/burstable/podu1/memory.limit_in_bytes'), '67108864');
  // What a runtime makes in a controller that carries no limits.
  await files.makeFolder('/cg/freezer/kubepods/burstable/podu1/abc', 0o755);
  assert.deepEqual(await cgroups.list(), ['u1']);
  await cgroups.remove('u1');
  assert.deepEqual(await cgroups.list(), []);
  assert.equal(await files.stat('/cg/freezer/kubepods/burstable/podu1'), undefined);
  assert.equal(await files.text('/cg/cpu/kubepods/burstable/cpu.shares'), '2');
});

test('version 2: one tree, controllers handed down', async () => {
  const files = new KernelFiles([
    'cgroup.controllers',
    'cgroup.subtree_control',
    'cpu.weight',
    'cpu.max',
    'memory.max',
  ]);
  await files.makeFolder('/cg', 0o755);
  const cgroups = await createPodCgroups({ ...options, files });
  await cgroups.create(burstable);
  const pod = '/cg/kubepods/burstable/podu1';
  assert.equal(await files.text(`${pod}/cpu.max`), '100000 100000');
  assert.equal(await files.text(`${pod}/memory.max`), '67108864');
  assert.equal(await files.text(`${pod}/cpu.weight`), String(cpuWeight(512)));
  assert.equal(await files.text('/cg/kubepods/cgroup.subtree_control'), '+cpu +cpuset +memory +pids');
  await cgroups.remove('u1');
  assert.equal(await files.stat(pod), undefined);
});

test('without control groups the runtime places pods', async () => {
  assert.equal(await createPodCgroups({ ...options, files: new MemoryFiles() }), noCgroups);
});

test('what a pod may use as a whole', () => {
  const limits = (cpu: string, memory: string) => ({ limits: { cpu, memory }, requests: { cpu, memory } });
  assert.deepEqual(podLimits(podOf([limits('1', '1Gi'), limits('500m', '1Gi')])), {
    cpuShares: 1536,
    cpuQuotaUs: 150_000,
    memoryBytes: 2 * 2 ** 30,
  });
  assert.deepEqual(podLimits(podOf([limits('1', '1Gi'), {}])), {
    cpuShares: 1024,
    cpuQuotaUs: undefined,
    memoryBytes: undefined,
  });
  assert.equal(podLimits(podOf([{}])).cpuShares, 2);
  const init = { name: 'i', resources: limits('3', '1Gi') };
  assert.equal(podLimits(podOf([limits('1', '1Gi')], { initContainers: [init] })).cpuShares, 3072);
  const sidecar = { name: 's', restartPolicy: 'Always', resources: limits('1', '1Gi') };
  assert.equal(podLimits(podOf([limits('1', '1Gi')], { initContainers: [sidecar] })).cpuShares, 2048);
});

test('what a container may use', () => {
  const resourcesOf = (resources: Container['resources']) => {
    const pod = podOf([resources]);
    return containerResources(pod, { name: 'c0', resources }, 10 * 2 ** 30);
  };
  assert.deepEqual(resourcesOf({}), { cpuShares: 2, oomScoreAdj: 1000 });
  assert.deepEqual(resourcesOf({ limits: { cpu: '250m', memory: '1Gi' } }), {
    cpuShares: 256,
    cpuQuota: 25_000,
    cpuPeriod: 100_000,
    memoryLimitInBytes: 2 ** 30,
    oomScoreAdj: 999,
  });
  const equal = { cpu: '1', memory: '1Gi' };
  assert.equal(resourcesOf({ requests: equal, limits: equal }).oomScoreAdj, -997);
  assert.equal(resourcesOf({ requests: { memory: '1Gi' } }).oomScoreAdj, 900);
  assert.deepEqual([cpuShares(0), cpuShares(1000), cpuShares(1e9)], [2, 1024, 262_144]);
  assert.deepEqual([cpuWeight(2), cpuWeight(1024), cpuWeight(262_144)], [1, 39, 10_000]);
});
