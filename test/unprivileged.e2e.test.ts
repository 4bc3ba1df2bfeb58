/** Without root: nodes are simulated, the command says so and why, and everything else is the same. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'k8ts-nobody-'));
chmodSync(home, 0o777);
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const PORT = '16845';

function asNobody(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const environment = { PATH: process.env['PATH'] ?? '', HOME: home };
  const { status, stdout, stderr } = spawnSync('setpriv', [...NOBODY, join(root, 'k8ts'), ...args], {
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
    cwd: home,
  });
  return { code: status, stdout, stderr };
}

describe('without root', () => {
  after(() => {
    asNobody('delete');
    rmSync(home, { recursive: true, force: true });
  });

  test('up starts simulated nodes and says why in one line', () => {
    const { code, stdout, stderr } = asNobody('up', '--port', PORT);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Nodes are simulated: containers need root\.$/m);
    assert.ok(existsSync(join(home, '.local/share/k8ts/admin.kubeconfig')));
  });

  test('running it again is harmless, and status is healthy', () => {
    assert.equal(asNobody('up').code, 0);
    const { code, stdout } = asNobody('status');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /node-1 +Ready/);
  });

  test('kubectl deploys the guestbook, with the context in the user’s own kubeconfig', () => {
    const kubectl = (...args: readonly string[]) => asNobody('kubectl', ...args);
    assert.equal(kubectl('apply', '-f', join(root, 'examples/guestbook/guestbook.yaml')).code, 0);
    const wait = [
      'wait',
      'deployment',
      '--all',
      '-n',
      'guestbook',
      '--for',
      'condition=Available',
      '--timeout',
      '30s',
    ];
    const { code, stderr } = kubectl(...wait);
    assert.equal(code, 0, stderr);
    const contexts = kubectl(
      'config',
      'get-contexts',
      '--kubeconfig',
      join(home, '.kube/config'),
      '-o',
      'name',
    );
    assert.equal(contexts.stdout.trim(), 'k8ts');
  });

  test('simulate adds a fleet beside the other nodes; kubectl scales it, and pods run on it', () => {
    const kubectl = (...args: readonly string[]) => asNobody('kubectl', ...args);
    const made = asNobody('simulate', '--nodes', '300', '--zones', 'a,b,c', '--capacity', 'cpu=4,memory=8Gi');
    assert.equal(made.code, 0, made.stderr);
    assert.equal(made.stdout, 'nodefleet/fleet: 300 nodes, 300 ready\n');
    const perZone = kubectl('get', 'nodes', '-l', 'topology.kubernetes.io/zone=b', '-o', 'name').stdout;
    assert.equal(perZone.trim().split('\n').length, 100);
    assert.equal(kubectl('get', 'node', 'node-1').code, 0);
    assert.match(
      kubectl('get', 'nodefleet').stdout,
      /^NAME +DESIRED +NODES +READY +AGE\nfleet +300 +300 +300 /,
    );
    kubectl('create', 'deployment', 'crowd', '--image', 'crowd:1', '--replicas', '900');
    const rolled = kubectl('rollout', 'status', 'deployment/crowd', '--timeout', '50s');
    assert.equal(rolled.code, 0, rolled.stderr);
    const loop = ['run', 'loop', '--image', 'loop:1'];
    const onFleet = { nodeSelector: { 'fleet.k8ts.dev/name': 'fleet' } };
    const overrides = ['--overrides', JSON.stringify({ spec: onFleet })];
    assert.equal(kubectl(...loop, ...overrides, '--command', '--', 'sh', '-c', 'echo hello; serve').code, 0);
    assert.equal(kubectl('wait', 'pod/loop', '--for', 'condition=Ready').code, 0);
    assert.equal(kubectl('logs', 'loop').stdout, 'hello\n');
    const ran = kubectl('exec', 'loop', '--', 'sh', '-c', 'echo inside; exit 3');
    assert.equal(ran.stdout, 'inside\n');
    assert.equal(ran.code, 3, ran.stderr);
    assert.equal(kubectl('delete', 'pod', 'loop', '--now').code, 0);
    assert.equal(kubectl('scale', 'nodefleet/fleet', '--replicas', '2').code, 0);
    assert.equal(kubectl('wait', 'nodefleet/fleet', '--for', 'jsonpath={.status.replicas}=2').code, 0);
    assert.equal(kubectl('get', 'node', 'fleet-2').code, 1);
    assert.equal(kubectl('delete', 'deployment/crowd', 'nodefleet/fleet').code, 0);
    assert.match(asNobody('simulate', '--nodes', 'x').stderr, /--nodes x: must be a number/);
    assert.match(asNobody('simulate', '--nodes', '1', '--capacity', 'cpu').stderr, /must be amounts such as/);
  });

  test('why says what every plugin says of every node, and what would help', () => {
    const resources = { requests: { cpu: '9' } };
    const spec = { containers: [{ name: 'big', image: 'big:1', resources }] };
    const run = ['run', 'big', '--image', 'big:1', '--overrides', JSON.stringify({ spec })];
    assert.equal(asNobody('kubectl', ...run).code, 0);
    const { code, stdout, stderr } = asNobody('why', 'pod', 'big');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^Pod default\/big is held back: no node takes it: 0\/1 nodes are available: 1 Insuffi/m,
    );
    assert.match(stdout, /^It has no node, and fits 0 of 1 nodes by what the scheduler knows now:$/m);
    assert.match(stdout, /^ {2}1 node \(node-1\) not: NodeResourcesFit: Insufficient cpu$/m);
    assert.match(
      stdout,
      /^ {2}- The smallest change for a node: \d+m more cpu \(then node-1 would fit\)\.$/m,
    );
    const answer = JSON.parse(asNobody('why', 'pod', 'default/big', '-o', 'json').stdout) as {
      scheduling: { fittingNodes: number };
    };
    assert.equal(answer.scheduling.fittingNodes, 0);
    assert.match(asNobody('why', 'pod', 'none').stderr, /pods "none" not found/);
    assert.equal(asNobody('kubectl', 'delete', 'pod', 'big').code, 0);
  });

  test('what is not possible is refused with the next step, and changes nothing', async () => {
    const containerd = asNobody('up', '--runtime', 'containerd', '--data-dir', join(home, 'other'));
    assert.equal(containerd.code, 1);
    assert.match(containerd.stderr, /containers need root; use --runtime simulated/);
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const { code, stderr } = asNobody('up', '--port', String(port), '--data-dir', join(home, 'other'));
    taken.close();
    assert.equal(code, 1);
    assert.match(stderr, /is taken by another program: choose another one with --port/);
    assert.equal(existsSync(join(home, 'other')), false);
    assert.match(asNobody('up', '--nodes', 'many').stderr, /--nodes many: must be a whole number/);
    assert.match(
      asNobody('status', '--data-dir', join(home, 'other')).stderr,
      /there is no cluster .* make one with k8ts up/,
    );
  });

  test('down keeps the state, delete removes it', () => {
    assert.equal(asNobody('down').code, 0);
    assert.equal(asNobody('status').code, 1);
    assert.equal(asNobody('up').code, 0);
    assert.equal(asNobody('kubectl', 'get', 'deployment', 'web', '-n', 'guestbook').code, 0);
    assert.equal(asNobody('delete').code, 0);
    assert.equal(existsSync(join(home, '.local/share/k8ts')), false);
  });
});
