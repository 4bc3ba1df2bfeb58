import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { type CniConfig, invalidCniConfig, renderCniConfig } from './cni-config.ts';
import { type ContainerdConfig, renderConfig, renderRegistryHost } from './config.ts';
import { hasCapability, trimLog } from './containerd.ts';
import { ended } from './process.ts';
import { type FoundPrograms, missingPackages, missingPrograms, type ProgramName } from './programs.ts';
import { mountPointsBelow } from './remove.ts';

const config: ContainerdConfig = {
  rootFolder: '/data/root',
  stateFolder: '/run/n1',
  socketPath: '/run/n1/containerd.sock',
  sandboxImage: 'k8ts.local/pause:1',
  cniBinFolder: '/usr/lib/cni',
  cniConfigFolder: '/data/cni',
  registryFolder: '/data/certs.d',
  snapshotter: 'overlayfs',
  mayLowerOomScore: true,
};

test('the configuration names everything that nodes would share otherwise', () => {
  const text = renderConfig(config);
  for (const line of [
    'version = 2',
    'root = "/data/root"',
    'state = "/run/n1"',
    'address = "/run/n1/containerd.sock"',
    'sandbox_image = "k8ts.local/pause:1"',
    'stream_server_port = "0"',
    'bin_dir = "/usr/lib/cni"',
    'conf_dir = "/data/cni"',
    'config_path = "/data/certs.d"',
    'snapshotter = "overlayfs"',
    'SystemdCgroup = false',
  ]) {
    assert.match(text, new RegExp(`^ *${line.replaceAll('.', '\\.')}$`, 'm'));
  }
  assert.match(text, /restrict_oom_score_adj = false/);
  assert.match(renderConfig({ ...config, mayLowerOomScore: false }), /restrict_oom_score_adj = true/);
});

test('a registry may be plain HTTP', () => {
  assert.equal(
    renderRegistryHost({ registry: '127.0.0.1:5000', url: 'http://127.0.0.1:5000' }),
    `server = "http://127.0.0.1:5000"

[host."http://127.0.0.1:5000"]
  capabilities = ["pull", "resolve"]
`,
  );
});

const cni: CniConfig = {
  name: 'k8ts',
  bridge: 'k8ts0',
  podCidr: '10.42.1.0/24',
  dataFolder: '/data/addresses',
};

test('the network is a bridge with addresses of the pod CIDR, one range per family', () => {
  const list: unknown = JSON.parse(renderCniConfig({ ...cni, podCidr: '10.42.1.0/24,fd00::/64', mtu: 1450 }));
  assert.deepEqual(list, {
    cniVersion: '0.4.0',
    name: 'k8ts',
    plugins: [
      {
        type: 'bridge',
        bridge: 'k8ts0',
        isGateway: true,
        hairpinMode: true,
        forceAddress: true,
        ipMasq: false,
        mtu: 1450,
        ipam: {
          type: 'host-local',
          dataDir: '/data/addresses',
          ranges: [[{ subnet: '10.42.1.0/24' }], [{ subnet: 'fd00::/64' }]],
          routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  });
});

test('a network that cannot work is refused', () => {
  assert.equal(invalidCniConfig(cni), undefined);
  assert.match(invalidCniConfig({ ...cni, bridge: 'a-name-that-is-too-long' }) ?? '', /1 to 15/);
  assert.match(invalidCniConfig({ ...cni, podCidr: '10.42.1.0' }) ?? '', /no network/);
});

const all: Readonly<Record<ProgramName, string>> = {
  containerd: '1.6.20',
  ctr: '1.6.20',
  runc: '1.1.5',
  bridge: '',
  'host-local': '',
  portmap: '',
  loopback: '',
  nft: '1.0.6',
  ip: '6.1.0',
  iptables: '1.8.9',
  nsenter: '2.38.1',
  conntrack: '1.4.7',
  busybox: '1.35.0',
};

test('missing and outdated programs are told with their packages', () => {
  const found = (versions: FoundPrograms['versions']): FoundPrograms => ({
    versions,
    cniBinFolder: '/usr/lib/cni',
  });
  assert.deepEqual(missingPrograms(found(all)), []);
  assert.deepEqual(missingPrograms(found({ ...all, containerd: '2.1.0', runc: '' })), []);
  assert.deepEqual(missingPrograms(found({ ...all, containerd: '1.4.13' })), [
    { program: 'containerd', debianPackage: 'containerd', reason: 'containerd 1.4.13 is older than 1.6' },
  ]);
  assert.deepEqual(missingPackages(missingPrograms(found({}))), [
    'containerd',
    'runc',
    'containernetworking-plugins',
    'nftables',
    'iproute2',
    'iptables',
    'util-linux',
    'conntrack',
    'busybox-static',
  ]);
});

test('capabilities are read from the effective set', () => {
  assert.equal(hasCapability('Name:\tx\nCapEff:\t000001ffffffffff\n', 24), true);
  assert.equal(hasCapability('CapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n', 24), false);
  assert.equal(hasCapability('', 24), false);
});

test('only mounts below the folder are taken, deepest first', () => {
  const line = (path: string): string => `36 35 98:0 / ${path} rw,noatime master:1 - ext3 /dev/root rw`;
  const info = ['/', '/run/n1', '/run/n1/a\\040b', '/run/n10', '/run/n1/a\\040b/c'].map(line).join('\n');
  assert.deepEqual(mountPointsBelow(info, '/run/n1'), ['/run/n1/a b/c', '/run/n1/a b', '/run/n1']);
});

test('a log that grew too large is begun anew', async () => {
  const { disk } = createSimulatedHost(1);
  await trimLog(disk, '/log');
  const file = await disk.openAppend('/log');
  await file.append([Buffer.alloc(100)]);
  await trimLog(disk, '/log', 100);
  assert.equal(await disk.size('/log'), 100);
  await trimLog(disk, '/log', 99);
  assert.equal(await disk.size('/log'), 0);
});

test('one who is told to stop before the process is awaited does not wait for its end', async () => {
  const { clock, disk } = createSimulatedHost(1);
  const paths = { config: '/c', socket: '/s', log: '/l', pidFile: '/p' };
  const child = { pid: 1, kill: () => {}, exited: new Promise<number>(() => {}) };
  await ended(clock, disk, paths, { pid: 1, child }, AbortSignal.abort());
});
