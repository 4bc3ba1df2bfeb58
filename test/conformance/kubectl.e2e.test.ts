/** Official tests of [sig-cli]: stock kubectl against a cluster of simulated nodes. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { request, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findBinary } from '../../src/cmd/kubectl.ts';
import { startTestCluster, until } from '../cluster.fixture.ts';

const cluster = await startTestCluster(['--nodes', '2']);
after(() => cluster.remove());
const { ok, kubectl } = cluster;

interface Pod {
  readonly metadata: { readonly name: string; readonly labels?: { readonly [name: string]: string } };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

/** A namespace of its own; kubectl runs in it. */
async function inNamespace(
  name: string,
): Promise<(args: readonly string[], input?: string) => Promise<string>> {
  await ok(['create', 'namespace', name]);
  await until(() => ok(['get', 'serviceaccount', 'default', '-n', name]));
  return (args, input) => ok(['-n', name, ...args], input === undefined ? {} : { input });
}

const primary = (replicas = 1): string => {
  const labels = { app: 'agnhost', role: 'primary' };
  const containers = [
    {
      name: 'agnhost-primary',
      image: 'agnhost:2.53',
      ports: [{ name: 'agnhost-server', containerPort: 6379 }],
    },
  ];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'agnhost-primary', labels },
    spec: { replicas, selector: labels, template: { metadata: { labels }, spec: { containers } } },
  });
};
const runPod = (
  run: (args: readonly string[]) => Promise<string>,
  name: string,
  image = 'httpd:2.4.38',
): Promise<string> => run(['run', name, '--restart=Never', `--image=${image}`, `--labels=run=${name}`]);
const running = (
  run: (args: readonly string[]) => Promise<string>,
  selector: string,
  count: number,
): Promise<readonly string[]> =>
  until(async () => {
    const path = 'jsonpath={range .items[?(@.status.phase=="Running")]}{.metadata.name}{"\\n"}{end}';
    const names = (await run(['get', 'pods', '-l', selector, '-o', path])).split('\n').filter(Boolean);
    return names.length === count && names;
  });

test('Kubectl client Kubectl api-versions should check if v1 is in available api versions', async () => {
  assert.ok((await ok(['api-versions'])).split('\n').includes('v1'));
});

test('Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info', async () => {
  assert.match(await ok(['cluster-info']), /Kubernetes control plane.*is running at.*https:\/\//);
});

test('Kubectl client Kubectl version should check is all data is printed', async () => {
  const text = await ok(['version']);
  for (const item of ['Client Version: ', 'Server Version: ']) assert.ok(text.includes(item), text);
});

test('Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods', async () => {
  const run = await inNamespace('describe');
  await run(['create', '-f', '-'], primary());
  const ports = [{ port: 6379, targetPort: 'agnhost-server' }];
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'agnhost-primary', labels: { app: 'agnhost' } },
    spec: { ports, selector: { app: 'agnhost' } },
  };
  await run(['create', '-f', '-'], JSON.stringify(service));
  const [pod = ''] = await running(run, 'app=agnhost', 1);
  const expected: readonly (readonly [readonly string[], readonly (readonly string[])[]])[] = [
    [
      ['pod', pod],
      [
        ['Name:', 'agnhost-primary-'],
        ['Namespace:', 'describe'],
        ['Node:'],
        ['Labels:', 'app=agnhost'],
        ['role=primary'],
        ['Annotations:'],
        ['Status:', 'Running'],
        ['IP:'],
        ['Controlled By:', 'ReplicationController/agnhost-primary'],
        ['Image:', 'agnhost:2.53'],
        ['State:', 'Running'],
        ['QoS Class:', 'BestEffort'],
      ],
    ],
    [
      ['rc', 'agnhost-primary'],
      [
        ['Name:', 'agnhost-primary'],
        ['Namespace:', 'describe'],
        ['Selector:', 'app=agnhost,role=primary'],
        ['Labels:', 'app=agnhost'],
        ['role=primary'],
        ['Annotations:'],
        ['Replicas:', '1 current', '1 desired'],
        ['Pods Status:', '1 Running', '0 Waiting', '0 Succeeded', '0 Failed'],
        ['Pod Template:'],
        ['Image:', 'agnhost:2.53'],
        ['Events:'],
      ],
    ],
    [
      ['service', 'agnhost-primary'],
      [
        ['Name:', 'agnhost-primary'],
        ['Labels:', 'app=agnhost'],
        ['Annotations:'],
        ['Selector:', 'app=agnhost'],
        ['Type:', 'ClusterIP'],
        ['IP:'],
        ['Port:', '<unset>', '6379/TCP'],
        ['Endpoints:', ':6379'],
        ['Session Affinity:', 'None'],
      ],
    ],
    [
      ['node', 'node-1'],
      [
        ['Name:', 'node-1'],
        ['Labels:'],
        ['Annotations:'],
        ['CreationTimestamp:'],
        ['Conditions:'],
        ['Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'],
        ['Addresses:'],
        ['Capacity:'],
        ['System Info:'],
        ['Kernel Version:'],
        ['OS Image:'],
        ['Container Runtime Version:'],
        ['Kubelet Version:'],
        ['Non-terminated Pods:'],
      ],
    ],
    [
      ['namespace', 'describe'],
      [['Name:', 'describe'], ['Labels:'], ['Annotations:'], ['Status:', 'Active']],
    ],
  ];
  for (const [what, lines] of expected) {
    const text = (await run(['describe', ...what])).split('\n');
    for (const parts of lines)
      assert.ok(
        text.some((line) => parts.every((part) => line.includes(part))),
        `${what.join(' ')}: ${parts.join(' ')}\n${text.join('\n')}`,
      );
  }
});

test('Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments', async () => {
  const run = await inNamespace('diff');
  await run(['create', 'deployment', 'httpd-deployment', '--image=httpd:2.4.38']);
  const live = await run(['get', 'deployment', 'httpd-deployment', '-o', 'yaml']);
  const changed = live.replace('image: httpd:2.4.38', 'image: busybox:1.29');
  const { exitCode, stdout } = await kubectl(['diff', '-f', '-', '-n', 'diff'], { input: changed });
  assert.equal(exitCode, 1);
  assert.match(stdout, /^-.*image: httpd:2\.4\.38$/m);
  assert.match(stdout, /^\+.*image: busybox:1\.29$/m);
});

test('Kubectl client Kubectl expose should create services for rc', async () => {
  const run = await inNamespace('expose');
  await run(['create', '-f', '-'], primary());
  await running(run, 'app=agnhost', 1);
  const reaches = (name: string, port: string): Promise<string | false> =>
    until(async () => {
      const path = 'jsonpath={.subsets[*].ports[*].port} {.subsets[*].addresses[*].ip}';
      const [target, ...ips] = (await run(['get', 'endpoints', name, '-o', path])).split(' ');
      assert.equal(await run(['get', 'service', name, '-o', 'jsonpath={.spec.ports[*].port}']), port);
      return target === '6379' && ips.length === 1 && target;
    });
  await run(['expose', 'rc', 'agnhost-primary', '--name=rm2', '--port=1234', '--target-port=6379']);
  await reaches('rm2', '1234');
  await run(['expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=6379']);
  await reaches('rm3', '2345');
});

test('Kubectl client Kubectl label should update the label on a resource', async () => {
  const run = await inNamespace('label');
  await runPod(run, 'pause', 'pause:3.10');
  await run(['label', 'pods', 'pause', 'testing-label=testing-label-value']);
  assert.match(await run(['get', 'pod', 'pause', '-L', 'testing-label']), /testing-label-value/);
  await run(['label', 'pods', 'pause', 'testing-label-']);
  assert.doesNotMatch(await run(['get', 'pod', 'pause', '-L', 'testing-label']), /testing-label-value/);
});

test('Kubectl client Kubectl patch should add annotations for pods in rc', async () => {
  const run = await inNamespace('patch');
  await run(['create', '-f', '-'], primary());
  for (const name of await running(run, 'app=agnhost', 1)) {
    await run(['patch', 'pod', name, '-p', '{"metadata":{"annotations":{"x":"y"}}}']);
    assert.equal(await run(['get', 'pod', name, '-o', 'jsonpath={.metadata.annotations.x}']), 'y');
  }
});

const imageOf = async (run: (args: readonly string[]) => Promise<string>, name: string): Promise<string> =>
  run(['get', 'pod', name, '-o', 'jsonpath={.spec.containers[0].image}']);

test("Kubectl client Kubectl replace should update a single-container pod's image", async () => {
  const run = await inNamespace('replace');
  await runPod(run, 'e2e-test-httpd-pod');
  await running(run, 'run=e2e-test-httpd-pod', 1);
  const pod = await run(['get', 'pod', 'e2e-test-httpd-pod', '-o', 'json']);
  await run(['replace', '-f', '-'], pod.replaceAll('"image": "httpd:2.4.38"', '"image": "busybox:1.29"'));
  assert.equal(await imageOf(run, 'e2e-test-httpd-pod'), 'busybox:1.29');
});

test('Kubectl client Kubectl run pod should create a pod from an image when restart is Never', async () => {
  const run = await inNamespace('run');
  await runPod(run, 'e2e-test-httpd-pod');
  const pod = JSON.parse(await run(['get', 'pod', 'e2e-test-httpd-pod', '-o', 'json'])) as Pod & {
    spec: { restartPolicy: string };
  };
  assert.deepEqual(
    [pod.spec.containers.length, pod.spec.containers[0]?.image, pod.spec.restartPolicy],
    [1, 'httpd:2.4.38', 'Never'],
  );
});

test('Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods', async () => {
  const run = await inNamespace('dry-run');
  await runPod(run, 'e2e-test-httpd-pod');
  await running(run, 'run=e2e-test-httpd-pod', 1);
  const patch = '{"spec":{"containers":[{"name":"e2e-test-httpd-pod","image":"busybox:1.29"}]}}';
  assert.match(
    await run(['patch', 'pod', 'e2e-test-httpd-pod', '-p', patch, '--dry-run=server']),
    /^pod\/e2e-test-httpd-pod patched/,
  );
  assert.equal(await imageOf(run, 'e2e-test-httpd-pod'), 'httpd:2.4.38');
});

const nautilus = (replicas: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'update-demo-nautilus' },
    spec: {
      replicas,
      selector: { name: 'update-demo', version: 'nautilus' },
      template: {
        metadata: { labels: { name: 'update-demo', version: 'nautilus' } },
        spec: {
          containers: [{ name: 'update-demo', image: 'nautilus:1.7', ports: [{ containerPort: 80 }] }],
        },
      },
    },
  });

async function stops(run: (args: readonly string[], input?: string) => Promise<string>): Promise<void> {
  await run(['delete', '--grace-period=0', '--force', '-f', '-'], nautilus(2));
  assert.equal(await run(['get', 'rc,svc', '-l', 'name=update-demo', '--no-headers']), '');
  await until(async () => (await run(['get', 'pods', '-l', 'name=update-demo', '-o', 'name'])) === '');
}

test('Kubectl client Update Demo should create and stop a replication controller', async () => {
  const run = await inNamespace('update-demo');
  await run(['create', '-f', '-'], nautilus(2));
  await running(run, 'name=update-demo', 2);
  const template = '{{range.items}}{{.metadata.name}} {{end}}';
  assert.match(
    await run(['get', 'pods', '-o', 'template', `--template=${template}`, '-l', 'name=update-demo']),
    /^(update-demo-nautilus-[a-z0-9]{5} ){2}$/,
  );
  await stops(run);
});

test('Kubectl client Update Demo should scale a replication controller', async () => {
  const run = await inNamespace('update-demo-scale');
  await run(['create', '-f', '-'], nautilus(2));
  await running(run, 'name=update-demo', 2);
  for (const replicas of [1, 2]) {
    await run(['scale', 'rc', 'update-demo-nautilus', `--replicas=${replicas}`, '--timeout=5m']);
    await running(run, 'name=update-demo', replicas);
  }
  await stops(run);
});

test('Kubectl logs logs should be able to retrieve and filter logs', async () => {
  const run = await inNamespace('logs');
  const script = 'echo one /api/v1; echo two; sleep 2; echo three; sleep 3000';
  await run([
    'run',
    'logs-generator',
    '--image=agnhost',
    '--restart=Never',
    '--command',
    '--',
    'sh',
    '-c',
    script,
  ]);
  const logs = (...args: string[]): Promise<string> => run(['logs', 'logs-generator', ...args]);
  await until(async () => (await logs()) === 'one /api/v1\ntwo\nthree\n');
  assert.equal(await logs('--tail=1'), 'three\n');
  assert.equal(await logs('--limit-bytes=1'), 'o');
  const stamped = await logs('--tail=1', '--timestamps');
  const [time = '', text] = stamped.trimEnd().split(' ');
  assert.equal(text, 'three');
  assert.ok(!Number.isNaN(Date.parse(time)));
  assert.equal((await logs('--since=24h')).split('\n').length - 1, 3);
  await until(async () => (await logs('--since=1s')) === '');
});

async function proxied(args: readonly string[], ask: (started: string) => RequestOptions): Promise<void> {
  const binary = await findBinary('kubectl', 'v35');
  const proxy = spawn(binary, ['proxy', ...args], {
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
  });
  try {
    const { promise, resolve } = Promise.withResolvers<string>();
    proxy.stdout.setEncoding('utf8').once('data', resolve);
    const options = ask(await promise);
    const answer = Promise.withResolvers<string>();
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => answer.resolve(text));
    })
      .on('error', answer.reject)
      .end();
    assert.deepEqual((JSON.parse(await answer.promise) as { readonly versions: unknown }).versions, ['v1']);
  } finally {
    proxy.kill();
  }
}

test('Kubectl client Proxy server should support proxy with --port 0', async () => {
  await proxied(['-p', '0', '--disable-filter'], (started) => {
    const [, host = '', port = ''] = /Starting to serve on (\S+):(\d+)/.exec(started) ?? [];
    return { host, port, path: '/api/' };
  });
});

test('Kubectl client Proxy server should support --unix-socket=/path', async () => {
  const socketPath = join(cluster.folder, 'proxy.sock');
  await proxied([`--unix-socket=${socketPath}`], (started) => {
    assert.match(started, /Starting to serve on /);
    return { socketPath, path: '/api/' };
  });
});
