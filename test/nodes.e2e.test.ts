/** Two real nodes on one machine: pods reach each other and Services from everywhere. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'k8ts-nodes-'));
const environment = { ...process.env, K8TS_DATA_DIR: folder, KUBECONFIG: join(folder, 'admin.kubeconfig') };
const flags = [
  '--nodes',
  '2',
  '--port',
  '16844',
  '--pod-cidr',
  '10.152.0.0/16',
  '--service-cidr',
  '10.153.0.0/16',
];

function k8ts(...args: readonly string[]): string {
  return execFileSync(join(root, 'k8ts'), args, { env: environment, encoding: 'utf8', timeout: 120_000 });
}

function kubectl(...args: readonly string[]): string {
  return k8ts('kubectl', ...args);
}

const NOTES = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: notes }
spec:
  serviceName: notes
  selector: { matchLabels: { app: notes } }
  template:
    metadata: { labels: { app: notes } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: k8ts.local/busybox:1
          command: [sh, -c, 'echo started >> /data/log; exec sleep 3600']
          volumeMounts: [{ name: data, mountPath: /data }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec:
        accessModes: [ReadWriteOnce]
        resources: { requests: { storage: 1Mi } }
`;

describe('two real nodes', () => {
  before(() => {
    k8ts('up', ...flags, '--no-merge');
    const serve = 'hostname > /tmp/index.html; exec httpd -f -p 8080 -h /tmp';
    kubectl(
      'create',
      'deployment',
      'web',
      '--image',
      'k8ts.local/busybox:1',
      '--replicas',
      '4',
      '--',
      'sh',
      '-c',
      serve,
    );
    kubectl('expose', 'deployment', 'web', '--port', '80', '--target-port', '8080');
    kubectl('rollout', 'status', 'deployment/web', '--timeout', '60s');
  });

  after(() => {
    if (existsSync(join(folder, 'cluster.json'))) k8ts('delete');
    rmSync(folder, { recursive: true, force: true });
  });

  const onNode = (node: string): readonly { name: string; ip: string }[] =>
    kubectl(
      'get',
      'pods',
      '--field-selector',
      `spec.nodeName=${node}`,
      '--output',
      'jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{"\\n"}{end}',
    )
      .trim()
      .split('\n')
      .map((line) => ({ name: line.split(' ')[0] ?? '', ip: line.split(' ')[1] ?? '' }));

  test('pods are spread, and reach each other across nodes under their own addresses', () => {
    const [first] = onNode('node-1');
    const [second] = onNode('node-2');
    assert.ok(first !== undefined && second !== undefined);
    const answer = kubectl(
      'exec',
      first.name,
      '--',
      'sh',
      '-c',
      `timeout 3 wget -qO- http://${second.ip}:8080`,
    );
    assert.equal(answer.trim(), second.name);
  });

  test('a Service answers by name with pods of both nodes', () => {
    const [first] = onNode('node-1');
    const asked = Array.from({ length: 24 }, () => 'timeout 3 wget -qO- http://web').join('; ');
    const answers = new Set(
      kubectl('exec', first?.name ?? '', '--', 'sh', '-c', asked)
        .trim()
        .split('\n'),
    );
    const names = (node: string): readonly string[] => onNode(node).map(({ name }) => name);
    assert.ok(names('node-1').some((name) => answers.has(name)));
    assert.ok(names('node-2').some((name) => answers.has(name)));
  });

  test('with affinity a client stays with one pod, and without it goes on to all', () => {
    const [first] = onNode('node-1');
    const asked = Array.from({ length: 16 }, () => 'timeout 3 wget -qO- http://web').join('; ');
    const answers = (): number =>
      new Set(
        kubectl('exec', first?.name ?? '', '--', 'sh', '-c', asked)
          .trim()
          .split('\n'),
      ).size;
    const becomes = (affinity: string, satisfies: (pods: number) => boolean): void => {
      kubectl('patch', 'service', 'web', '--patch', JSON.stringify({ spec: { sessionAffinity: affinity } }));
      let pods = -1;
      for (let tries = 0; tries < 20 && !satisfies(pods); tries++) pods = answers();
      assert.ok(satisfies(pods), `${pods} pods answered with sessionAffinity ${affinity}`);
    };
    becomes('ClientIP', (pods) => pods === 1);
    assert.equal(answers(), 1, 'it stays so');
    becomes('None', (pods) => pods > 1);
  });

  test('a volume of the default class stays on its node, the pod returns to it, and it goes with its claim', () => {
    const manifest = join(folder, 'notes.yaml');
    writeFileSync(manifest, NOTES);
    kubectl('apply', '--filename', manifest);
    kubectl('rollout', 'status', 'statefulset/notes', '--timeout', '60s');
    const read = (): string => kubectl('exec', 'notes-0', '--', 'cat', '/data/log').trim();
    const nodeOf = (): string => kubectl('get', 'pod', 'notes-0', '--output', 'jsonpath={.spec.nodeName}');
    assert.equal(read(), 'started');
    const node = nodeOf();
    kubectl('delete', 'pod', 'notes-0', '--wait');
    kubectl('rollout', 'status', 'statefulset/notes', '--timeout', '60s');
    assert.equal(read(), 'started\nstarted');
    assert.equal(nodeOf(), node);
    const folderOfVolume = kubectl('get', 'pv', '--output', 'jsonpath={.items[0].spec.hostPath.path}');
    assert.ok(existsSync(join(folderOfVolume, 'log')), folderOfVolume);
    kubectl('delete', 'statefulset', 'notes', '--wait');
    kubectl('delete', 'pvc', '--all', '--wait', '--timeout', '30s');
    kubectl('wait', '--for', 'delete', 'pv', '--all', '--timeout', '30s');
    assert.ok(!existsSync(folderOfVolume), 'the folder is gone');
  });

  test('a token for joining carries the hash of the authority', () => {
    assert.match(k8ts('token', 'create', '--ttl', '1h').trim(), /^[0-9a-f]{64}::[a-z0-9]{6}\.[a-z0-9]{16}$/);
  });
});
