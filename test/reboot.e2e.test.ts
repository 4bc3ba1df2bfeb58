/**
 * The machine goes down without a word and comes back: no process is left, nothing is mounted, `/run` is empty,
 * devices, network namespaces and rules are gone. All that a reboot does to one cluster is done to it here.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'k8ts-reboot-'));
const tag = createHash('sha256').update(folder).digest('hex').slice(0, 4);
const stateFolder = join('/run/k8ts', tag);
const environment = { ...process.env, K8TS_DATA_DIR: folder, KUBECONFIG: join(folder, 'admin.kubeconfig') };
const flags = ['--port', '16846', '--pod-cidr', '10.160.0.0/16', '--service-cidr', '10.161.0.0/16'];

const MANIFEST = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: log }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  strategy: { type: Recreate }
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: main
          image: k8ts.local/busybox:1
          command: [sh, -c, 'echo started >> /data/index.html; exec httpd -f -p 8080 -h /data']
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { port: 8080, path: / }, periodSeconds: 1 }
          volumeMounts: [{ name: data, mountPath: /data }]
      volumes: [{ name: data, persistentVolumeClaim: { claimName: log } }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`;

function k8ts(...args: readonly string[]): string {
  return execFileSync(join(root, 'k8ts'), args, { env: environment, encoding: 'utf8', timeout: 120_000 });
}

function kubectl(...args: readonly string[]): string {
  return k8ts('kubectl', ...args);
}

function sh(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}

const namespaces = (): readonly string[] => readdirSync('/run/netns');

/** Of this cluster: those that name its folders, and all below them. */
function processes(): ReadonlySet<number> {
  const own = new Set<number>();
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const pid = Number(name);
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (pid !== process.pid && (command.includes(folder) || command.includes(stateFolder))) own.add(pid);
      const status = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '');
      parents.set(pid, Number(status.split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  for (let found = -1; found !== own.size;) {
    found = own.size;
    for (const [pid, parent] of parents) if (own.has(parent)) own.add(pid);
  }
  return own;
}

function reboot(namespacesBefore: readonly string[]): void {
  for (let left = processes(); left.size > 0; left = processes())
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone with another one.
      }
    }
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`) || path.startsWith(`${stateFolder}/`));
  for (const path of mounts.toReversed()) sh('umount', '--lazy', path);
  for (const name of namespaces()) if (!namespacesBefore.includes(name)) sh('ip', 'netns', 'delete', name);
  for (const [, table = ''] of sh('nft', 'list', 'tables').matchAll(/table (\S+ k8ts-\S+)/g))
    if (table.includes(`k8ts-${tag}-`)) sh('nft', 'delete', 'table', ...table.split(' '));
  for (const [, device = ''] of sh('ip', '-o', 'link', 'show').matchAll(/^\d+: ([^:@]+)/gm))
    if (sh('ip', '-o', 'address', 'show', 'dev', device).includes(' 10.160.'))
      sh('ip', 'link', 'delete', device);
  rmSync(stateFolder, { recursive: true, force: true });
}

describe('a reboot', () => {
  const namespacesBefore = namespaces();

  before(() => {
    k8ts('up', ...flags, '--no-merge');
    const file = join(folder, 'web.yaml');
    writeFileSync(file, MANIFEST);
    kubectl('apply', '--filename', file);
    kubectl('rollout', 'status', 'deployment/web', '--timeout', '60s');
  });

  after(() => {
    k8ts('delete');
    rmSync(folder, { recursive: true, force: true });
  });

  const page = (): string =>
    kubectl('exec', 'deployment/web', '--', 'sh', '-c', 'timeout 5 wget -qO- http://web').trim();

  test('after it the cluster comes back with its pods, its data and its Services', () => {
    assert.equal(page(), 'started');
    const before = kubectl('get', 'pods', '--output', 'jsonpath={.items[*].metadata.uid}');
    reboot(namespacesBefore);
    assert.equal(processes().size, 0);
    k8ts('up');
    kubectl('wait', 'pods', '--all', '--for', 'jsonpath={.status.containerStatuses[0].restartCount}=1');
    kubectl('rollout', 'status', 'deployment/web', '--timeout', '60s');
    assert.equal(kubectl('get', 'pods', '--output', 'jsonpath={.items[*].metadata.uid}'), before);
    assert.equal(page(), 'started\nstarted');
    assert.match(k8ts('status'), /node-1 +Ready/);
  });
});
