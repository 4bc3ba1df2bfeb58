/** The main job, for real: the guestbook on real containers heals, scales, rolls, survives and leaves nothing behind. */

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'k8ts-guestbook-'));
const environment = { ...process.env, K8TS_DATA_DIR: folder, KUBECONFIG: join(folder, 'admin.kubeconfig') };
const run = promisify(execFile);
const flags = [
  '--port',
  '16843',
  '--pod-cidr',
  '10.142.0.0/16',
  '--service-cidr',
  '10.143.0.0/16',
  '--no-merge',
];

function k8ts(...args: readonly string[]): string {
  return execFileSync(join(root, 'k8ts'), args, { env: environment, encoding: 'utf8', timeout: 120_000 });
}

function kubectl(...args: readonly string[]): string {
  return k8ts('kubectl', ...args);
}

function tryKubectl(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(join(root, 'k8ts'), ['kubectl', ...args], {
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}

async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  withinMs = 60_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    assert.ok(Date.now() < end, `within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function page(url: string, init: RequestInit = {}): Promise<string | undefined> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(5_000) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

function jsonPath(path: string, ...args: readonly string[]): string {
  return kubectl('get', ...args, '--output', `jsonpath=${path}`);
}

function containerIds(): readonly string[] {
  return jsonPath('{.items[*].status.containerStatuses[*].containerID}', 'pods', '-n', 'guestbook')
    .split(' ')
    .toSorted();
}

describe('the guestbook on real containers', () => {
  let service = '';
  let nodePort = '';

  before(() => {
    k8ts('up', ...flags);
    k8ts('image', 'build', join(root, 'examples/guestbook/image'), '--tag', 'k8ts.local/guestbook:1');
  });

  after(() => {
    // For whoever reads a failure.
    if (process.exitCode !== undefined && existsSync(join(folder, 'logs'))) {
      for (const name of ['server', 'node-1'])
        console.log(readFileSync(join(folder, 'logs', `${name}.log`), 'utf8').slice(-4000));
    }
    if (existsSync(join(folder, 'cluster.json'))) k8ts('delete');
    rmSync(folder, { recursive: true, force: true });
  });

  test('deploys, and answers through its Service and a NodePort', async () => {
    kubectl('apply', '-f', join(root, 'examples/guestbook/guestbook.yaml'));
    for (const tier of ['store', 'api', 'web'])
      kubectl('rollout', 'status', `deployment/${tier}`, '-n', 'guestbook', '--timeout', '90s');
    service = `http://${jsonPath('{.spec.clusterIP}', 'service', 'web', '-n', 'guestbook')}/cgi-bin/guestbook`;
    nodePort = `http://${jsonPath('{.items[0].status.addresses[0].address}', 'nodes')}:30080/cgi-bin/guestbook`;
    for (const url of [service, nodePort]) await until(`${url} answers`, () => page(url));
    const body = new URLSearchParams({ entry: 'Hello from the test' });
    await page(nodePort, { method: 'POST', body });
    assert.match((await page(service)) ?? '', /<li>Hello from the test<\/li>/);
  });

  test('logs, exec with input, output and exit code, cp and port-forward', async () => {
    const logger = jsonPath('{.items[0].metadata.name}', 'pods', '-n', 'guestbook', '-l', 'tier=web');
    kubectl('exec', '-n', 'guestbook', logger, '--', 'sh', '-c', 'echo seen in the log > /proc/1/fd/1');
    await until('the line is in the log', () =>
      kubectl('logs', '-n', 'guestbook', logger, '--tail', '5').includes('seen in the log')
        ? true
        : undefined,
    );
    assert.match(kubectl('exec', '-n', 'guestbook', 'deployment/web', '--', 'hostname'), /^web-/);
    const echoed = spawnSync(
      join(root, 'k8ts'),
      ['kubectl', 'exec', '-i', '-n', 'guestbook', 'deployment/web', '--', 'cat'],
      {
        env: environment,
        input: 'through and back',
        encoding: 'utf8',
        timeout: 20_000,
      },
    );
    assert.equal(echoed.stdout, 'through and back');
    assert.equal(tryKubectl('exec', '-n', 'guestbook', 'deployment/web', '--', 'sh', '-c', 'exit 7').code, 7);
    const pod = jsonPath('{.items[0].metadata.name}', 'pods', '-n', 'guestbook', '-l', 'tier=web');
    kubectl('cp', join(root, 'LICENSE'), `guestbook/${pod}:/tmp/licence`);
    kubectl('cp', `guestbook/${pod}:/tmp/licence`, join(folder, 'licence'));
    assert.equal(readFileSync(join(folder, 'licence'), 'utf8'), readFileSync(join(root, 'LICENSE'), 'utf8'));
    const forward = execFile(
      join(root, 'k8ts'),
      ['kubectl', 'port-forward', '-n', 'guestbook', 'service/web', '18843:80'],
      { env: environment },
    );
    try {
      assert.equal(
        await until('the forwarded port answers', () => page('http://127.0.0.1:18843/healthz')),
        'ok\n',
      );
    } finally {
      forward.kill();
    }
  });

  test('settings reach containers as environment and files; pods carry a token that the API takes', () => {
    const inWeb = (...command: readonly string[]): string =>
      kubectl('exec', '-n', 'guestbook', 'deployment/web', '--', ...command);
    assert.match(inWeb('sh', '-c', 'echo $TITLE'), /Guestbook on k8ts/);
    assert.match(inWeb('cat', '/etc/guestbook/config/style.css'), /font/);
    assert.match(inWeb('nslookup', 'store.guestbook.svc.cluster.local'), /10\.143\./);
    assert.match(inWeb('cat', '/var/run/secrets/kubernetes.io/serviceaccount/namespace'), /guestbook/);
    const token = inWeb('cat', '/var/run/secrets/kubernetes.io/serviceaccount/token').trim();
    // Nothing but the token may vouch here: the administrator's certificate would be taken just as well.
    const whoami = tryKubectl(
      '--kubeconfig=/dev/null',
      '--server=https://127.0.0.1:16843',
      '--insecure-skip-tls-verify',
      `--token=${token}`,
      'auth',
      'whoami',
      '-o',
      'jsonpath={.status.userInfo.username}',
    );
    assert.equal(whoami.stdout, 'system:serviceaccount:guestbook:default', whoami.stderr);
    const limit = inWeb(
      'sh',
      '-c',
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max',
    );
    assert.equal(Number(limit.trim()), 64 * 1024 * 1024);
  });

  test('heals, scales, rolls forward and back', async () => {
    kubectl('delete', 'pod', '-n', 'guestbook', '-l', 'tier=web', '--wait=false');
    kubectl('rollout', 'status', 'deployment/web', '-n', 'guestbook', '--timeout', '60s');
    kubectl('scale', 'deployment/web', '-n', 'guestbook', '--replicas', '5');
    kubectl(
      'wait',
      'deployment/web',
      '-n',
      'guestbook',
      '--for',
      'jsonpath={.status.readyReplicas}=5',
      '--timeout',
      '60s',
    );
    kubectl('set', 'env', 'deployment/web', '-n', 'guestbook', 'EDITION=2');
    kubectl('rollout', 'status', 'deployment/web', '-n', 'guestbook', '--timeout', '60s');
    assert.match(kubectl('exec', '-n', 'guestbook', 'deployment/web', '--', 'env'), /EDITION=2/);
    kubectl('rollout', 'undo', 'deployment/web', '-n', 'guestbook');
    kubectl('rollout', 'status', 'deployment/web', '-n', 'guestbook', '--timeout', '60s');
    assert.doesNotMatch(kubectl('exec', '-n', 'guestbook', 'deployment/web', '--', 'env'), /EDITION=2/);
    await until('the page answers after all that', () => page(service));
  });

  // The application is ours, where the official one is of another image; what is done with it is the same.
  test('Kubectl client Guestbook application should create and stop a working application', async () => {
    const manifest = join(folder, 'second-guestbook.yaml');
    const text = readFileSync(join(root, 'examples/guestbook/guestbook.yaml'), 'utf8')
      .replace('name: guestbook', 'name: second')
      .replaceAll('namespace: guestbook', 'namespace: second')
      .replace('store.guestbook.svc', 'store.second.svc')
      .replace(/hostPath: .*/, 'emptyDir: {}')
      .replace(', nodePort: 30080', '');
    writeFileSync(manifest, text);
    kubectl('create', '-f', manifest);
    kubectl('wait', 'pods', '--all', '-n', 'second', '--for', 'condition=Ready', '--timeout', '60s');
    const served = (): string =>
      kubectl('get', '--raw', '/api/v1/namespaces/second/services/web:http/proxy/cgi-bin/guestbook');
    await until('the frontend serves content of the store', () =>
      served().includes('does not answer') ? undefined : true,
    );
    const address = jsonPath('{.spec.clusterIP}', 'service', 'web', '-n', 'second');
    const body = new URLSearchParams({ entry: 'TestEntry' });
    await page(`http://${address}/cgi-bin/guestbook`, { method: 'POST', body });
    assert.match(served(), /<li>TestEntry<\/li>/);
    kubectl('delete', '-f', manifest, '--grace-period', '0', '--force', '--timeout', '60s');
    assert.equal(kubectl('get', 'pods,services,deployments', '-n', 'second', '-o', 'name'), '');
    assert.match(tryKubectl('get', 'namespace', 'second').stderr, /NotFound/);
  });

  test('a crashing container backs off, a missing image says so', async () => {
    kubectl('run', 'crash', '--image', 'k8ts.local/busybox:1', '--', 'sh', '-c', 'echo I am gone; exit 3');
    const reason = (name: string, path: string): string =>
      jsonPath(`{.status.containerStatuses[0].${path}}`, 'pod', name);
    await until('CrashLoopBackOff', () =>
      reason('crash', 'state.waiting.reason') === 'CrashLoopBackOff' ? true : undefined,
    );
    assert.equal(reason('crash', 'lastState.terminated.exitCode'), '3');
    assert.match(kubectl('logs', 'crash', '--previous'), /I am gone/);
    kubectl('run', 'nothing', '--image', 'k8ts.local/not-there:9');
    await until('ImagePullBackOff', () =>
      reason('nothing', 'state.waiting.reason') === 'ImagePullBackOff' ? true : undefined,
    );
    kubectl('delete', 'pod', 'crash', 'nothing', '--now');
  });

  test('containers outlive the control plane, also when it is killed, and are adopted', async () => {
    const before = containerIds();
    k8ts('down');
    k8ts('up');
    assert.deepEqual(containerIds(), before);
    const { pid, children } = JSON.parse(readFileSync(join(folder, 'run/supervisor.json'), 'utf8')) as {
      pid: number;
      children: readonly { pid: number }[];
    };
    for (const victim of [pid, ...children.map((child) => child.pid)]) process.kill(victim, 'SIGKILL');
    k8ts('up');
    assert.deepEqual(containerIds(), before);
    assert.match((await until('the page answers', () => page(service))) ?? '', /Hello from the test/);
    assert.match(k8ts('status'), /node-1 +Ready/);
  });

  test('delete leaves nothing behind', async () => {
    kubectl('delete', 'namespace', 'guestbook', '--timeout', '60s');
    k8ts('delete');
    assert.equal(existsSync(folder), false);
    assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(folder));
    const { stdout } = await run('ip', ['-o', 'address', 'show']);
    assert.doesNotMatch(stdout, /10\.14[23]\./);
    const rules = await run('nft', ['list', 'tables']);
    const tag = createHash('sha256').update(folder).digest('hex').slice(0, 4);
    assert.doesNotMatch(rules.stdout, new RegExp(`k8ts-${tag}-`));
  });
});
