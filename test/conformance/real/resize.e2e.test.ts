/**
 * Official tests of [sig-node] Pod InPlace Resize: running containers get other amounts of CPU and memory, as
 * their control groups and their status say, and get them back.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { quantityMilliValue, quantityValue } from '../../../src/api/quantity/quantity.ts';
import { each, type Fields } from '../api.fixture.ts';
import {
  AT_ONCE,
  BUSYBOX,
  eventually,
  lasting,
  pathOf,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

let cluster: RealCluster;
before(async () => {
  cluster = await startContainers();
});
after(() => cluster.stop());

interface Amounts {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

const CPU = { original: 20, reduced: 15, increased: 25 };
const MEMORY = { original: 35, reduced: 30, increased: 40 };
type Size = keyof typeof CPU;

/** Of the container with this index: each has a little more than the one before. */
function guaranteed(index: number, cpu: Size, memory: Size): Amounts {
  const amounts = { cpu: `${CPU[cpu] + 2 * index}m`, memory: `${MEMORY[memory] + 2 * index}Mi` };
  return { requests: amounts, limits: amounts };
}

const nameOf = (index: number): string => `c${index + 1}`;
const containersOf = (amounts: readonly Amounts[], more: object = {}): readonly object[] =>
  amounts.map((resources, i) => ({ name: nameOf(i), resources, ...more }));

/** Weight and limit of CPU, and limit of memory, as the kernel has them for the container. */
const KERNEL = `cd /sys/fs/cgroup
  if [ -e cpu.max ]; then cat cpu.max memory.max; exit; fi
  cat cpu/cpu.shares cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes`;
const UNLIMITED_BYTES = 2 ** 62;

async function kernelHas(pod: string, name: string, { requests = {}, limits = {} }: Amounts): Promise<void> {
  const lines = (await cluster.sh(pod, KERNEL, name)).split('\n');
  const milliCpus = quantityMilliValue(limits['cpu'] ?? '0');
  const quota = milliCpus === 0 ? -1 : Math.max(1_000, milliCpus * 100);
  const memory = quantityValue(limits['memory'] ?? '0');
  if (lines.length === 2) {
    assert.deepEqual(lines, [`${quota < 0 ? 'max' : quota} 100000`, memory === 0 ? 'max' : `${memory}`]);
    return;
  }
  const request = quantityMilliValue(requests['cpu'] ?? limits['cpu'] ?? '0');
  const [shares, cpuQuota, bytes] = lines.map(Number);
  assert.deepEqual([shares, cpuQuota], [Math.max(2, Math.floor((request * 1024) / 1000)), quota], name);
  if (memory === 0) assert.ok(Number(bytes) > UNLIMITED_BYTES, name);
  else assert.equal(bytes, memory, name);
}

/** Spec, status and kernel agree, and nothing is under way. */
async function has(path: string, amounts: readonly Amounts[]): Promise<void> {
  await eventually(async () => {
    const { spec, status } = await cluster.get(path);
    for (const [i, own] of amounts.entries()) {
      assert.deepEqual(each(spec?.containers)[i]?.resources, own);
      const found = each(status?.containerStatuses).find(({ name }) => `${name}` === nameOf(i));
      assert.deepEqual(found?.resources, own);
      assert.deepEqual(found?.allocatedResources, own.requests);
      assert.deepEqual([Number(found?.restartCount), Boolean(found?.ready)], [0, true]);
    }
    const underWay = each(status?.conditions).filter(({ type }) => String(type).startsWith('PodResize'));
    assert.deepEqual(underWay, []);
  }, 30_000);
  for (const [i, own] of amounts.entries()) await kernelHas(path, nameOf(i), own);
}

let count = 0;
async function startWith(amounts: readonly Amounts[]): Promise<string> {
  const more = { image: BUSYBOX, command: ['sleep', '3600'] };
  const pod = lasting('resized', {}, { containers: containersOf(amounts, more) });
  const path = pathOf(await cluster.start(await cluster.namespace(`resize-${++count}`), pod));
  await has(path, amounts);
  return path;
}

interface Resize {
  readonly title: string;
  readonly from: readonly Amounts[];
  readonly to: readonly Amounts[];
  /** What was added cannot be taken away again. */
  readonly isOneWay?: boolean;
}
const THREE = [0, 1, 2].map((i) => guaranteed(i, 'original', 'original'));
const RESIZES: readonly Resize[] = [
  {
    title:
      'Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase',
    from: THREE,
    to: [
      guaranteed(0, 'increased', 'increased'),
      guaranteed(1, 'increased', 'increased'),
      guaranteed(2, 'reduced', 'reduced'),
    ],
  },
  {
    title:
      'Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease',
    from: THREE,
    to: [
      guaranteed(0, 'increased', 'increased'),
      guaranteed(1, 'reduced', 'reduced'),
      guaranteed(2, 'reduced', 'reduced'),
    ],
  },
  {
    title:
      'Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2)',
    from: THREE,
    to: [
      guaranteed(0, 'increased', 'original'),
      guaranteed(1, 'reduced', 'increased'),
      guaranteed(2, 'increased', 'increased'),
    ],
  },
  {
    title:
      'Pod InPlace Resize Container burstable pods - extended 6 containers - various operations performed (including adding limits and requests)',
    // Five, as in the official test, whatever its name says.
    from: [
      { requests: { cpu: '20m' } },
      { requests: { memory: '35Mi' } },
      { requests: { cpu: '20m', memory: '35Mi' } },
      { requests: { cpu: '20m' } },
      { requests: { memory: '35Mi' } },
    ],
    to: [
      { requests: { cpu: '25m' }, limits: { cpu: '35m' } },
      { requests: { memory: '30Mi' }, limits: { memory: '50Mi' } },
      { requests: { cpu: '20m', memory: '30Mi' } },
      { requests: { cpu: '15m', memory: '35Mi' } },
      { requests: { cpu: '20m', memory: '40Mi' } },
    ],
    isOneWay: true,
  },
  {
    title: 'Pod InPlace Resize Container burstable pods - extended resize with equivalents',
    from: [{ requests: { cpu: '2m' }, limits: { cpu: '10m' } }],
    to: [{ requests: { cpu: '1m' }, limits: { cpu: '5m' } }],
  },
];

describe('resizes', AT_ONCE, () => {
  for (const { title, from, to, isOneWay = false } of RESIZES)
    test(title, async () => {
      const path = await startWith(from);
      const resize = (amounts: readonly Amounts[]): Promise<Fields> =>
        cluster.patch(`${path}/resize`, { spec: { containers: containersOf(amounts) } }, 'strategic');
      await resize(to);
      await has(path, to);
      if (isOneWay) return;
      await resize(from);
      await has(path, from);
    });

  test('Pod InPlace Resize Container resize pod via the replace endpoint', async () => {
    const from = [guaranteed(0, 'original', 'original')];
    const to = [guaranteed(0, 'increased', 'increased')];
    const path = await startWith(from);
    const replace = async (amounts: readonly Amounts[]): Promise<void> => {
      await eventually(async () => {
        const { spec, ...rest } = await cluster.get(path);
        const containers = each(spec?.containers).map((own, i) => ({ ...own, resources: amounts[i] }));
        await cluster.put(`${path}/resize`, { ...rest, spec: { ...spec, containers } });
      });
      await has(path, amounts);
    };
    await replace(to);
    await replace(from);
  });

  test('a container whose policy is to start anew does so, with what it is to have', async () => {
    const from = [guaranteed(0, 'original', 'original')];
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
    const more = { image: BUSYBOX, command: ['sleep', '3600'], resizePolicy };
    const pod = lasting('restarted', {}, { containers: containersOf(from, more) });
    const path = pathOf(await cluster.start(await cluster.namespace('resize-restart'), pod));
    const to = guaranteed(0, 'increased', 'increased');
    await cluster.patch(`${path}/resize`, { spec: { containers: containersOf([to]) } }, 'strategic');
    await cluster.pod(path, ({ status }) => {
      const [own] = each(status?.containerStatuses);
      return Number(own?.restartCount) === 1 && Boolean(own?.ready);
    });
    await kernelHas(path, nameOf(0), to);
  });
});
