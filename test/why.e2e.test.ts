/** `k8ts why` as a user calls it, `explain.k8ts.dev` under RBAC, and the scheduler's configuration by its flag. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MAIN, run, startTestCluster, until, type Outcome } from './cluster.fixture.ts';

const files = await mkdtemp(join(tmpdir(), 'k8ts-why-'));
const configuration = join(files, 'scheduler.yaml');
await writeFile(
  configuration,
  `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
- schedulerName: careless
  plugins: { filter: { disabled: [{ name: NodeResourcesFit }] } }
`,
);
const cluster = await startTestCluster(['--scheduler-config', configuration]);
after(async () => {
  await cluster.remove();
  await rm(files, { recursive: true });
});
const { ok, fails } = cluster;

const k8ts = (...args: string[]): Promise<Outcome> =>
  run([process.execPath, MAIN, ...args, '--data-dir', cluster.folder]);

async function why(...args: string[]): Promise<string> {
  const outcome = await k8ts('why', ...args);
  assert.equal(outcome.exitCode, 0, outcome.stderr);
  return outcome.stdout;
}

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: 'web:1', imagePullPolicy: Never }] }
`;

test('the sentence, how it is known, and what to do', async () => {
  await ok(['apply', '-f', '-'], { input: WEB });
  const text = await until(async () => {
    const answer = await why('deployment', 'web');
    return /and 1 more: container c cannot get its image web:1/.test(answer) ? answer : undefined;
  });
  assert.match(
    text,
    /^Deployment default\/web is held back: Pod default\/web-\S+ and 1 more: container c cannot get/,
  );
  assert.match(
    text,
    /\nHow it is known:\n {2}Pod default\/web-\S+, web-\S+: container c cannot get its image web:1/,
  );
  assert.match(text, /\nWhat to do:\n {2}- Check the name and tag of the image/);
  const answer = JSON.parse(await why('deploy', 'default/web', '-o', 'json')) as {
    readonly isHeld: boolean;
    readonly findings: readonly { readonly cause: string }[];
  };
  assert.deepEqual([answer.isHeld, answer.findings[0]?.cause], [true, 'image']);
  assert.match(
    (await k8ts('why', 'node', 'x')).stderr,
    /why node: there is an answer for cronjob, daemonset/,
  );
  assert.match((await k8ts('why', 'svc', 'none')).stderr, /services "none" not found/);
});

test('the profiles of the configuration decide, and are asked', async () => {
  const pod = (name: string, schedulerName: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec: { schedulerName: ${schedulerName}, containers: [{ name: c, image: 'i', resources: { requests: { cpu: '999' } } }] }
`;
  await ok(['apply', '-f', '-'], { input: pod('careful', 'default-scheduler') });
  await ok(['apply', '-f', '-'], { input: pod('careless', 'careless') });
  const nodeOf = (name: string): Promise<string> =>
    ok(['get', 'pod', name, '-o', 'jsonpath={.spec.nodeName}']);
  await until(async () => (await nodeOf('careless')) === 'node-1');
  assert.equal(await nodeOf('careful'), '');
  const text = await until(async () => {
    const answer = await why('pod', 'careful');
    return answer.includes('no node takes it') ? answer : undefined;
  });
  assert.match(
    text,
    /\nIt has no node, and fits 0 of 1 nodes by what the scheduler knows now:\n {2}1 node \(node-1\) not: NodeResourcesFit: Insufficient cpu\n/,
  );
  assert.match(await why('pod', 'careless'), /\nIt is on node-1, and fits 1 of 1 nodes/);
});

test('the API is found, and who may not see is told so', async () => {
  assert.match(await ok(['api-versions']), /^explain\.k8ts\.dev\/v1alpha1$/m);
  const path = '/apis/explain.k8ts.dev/v1alpha1/namespaces/default/deployments/web/progress';
  const seen = JSON.parse(await ok(['get', '--raw', path])) as { readonly kind: string };
  assert.equal(seen.kind, 'Progress');
  // What kubectl means by a plural alone is what it always was.
  assert.match(await ok(['get', 'deployments']), /^web /m);
  assert.match(await ok(['get', 'pods,services']), /pod\/web-/);
  await ok(['create', 'serviceaccount', 'reader']);
  const as = ['--as', 'system:serviceaccount:default:reader'];
  assert.match(
    await fails(['get', '--raw', path, ...as]),
    /cannot get resource "deployments\/progress" in API group "explain\.k8ts\.dev" in the namespace "default"/,
  );
  await ok(['create', 'rolebinding', 'reader', '--clusterrole=view', '--serviceaccount=default:reader']);
  await until(async () => (await ok(['get', '--raw', path, ...as])).includes('"Progress"'));
});

test('a wrong configuration is told before anything starts', async () => {
  const wrong = join(files, 'wrong.yaml');
  await writeFile(
    wrong,
    'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofile: []\n',
  );
  const folder = join(files, 'other');
  const main = [process.execPath, MAIN];
  const up = await run([
    ...main,
    'up',
    '--data-dir',
    folder,
    '--runtime',
    'simulated',
    '--scheduler-config',
    wrong,
  ]);
  assert.equal(up.exitCode, 1);
  assert.match(up.stderr, /wrong\.yaml is not valid:\n {2}strict decoding error: unknown field "profile"/);
  const server = await run([
    ...main,
    'server',
    '--data-dir',
    folder,
    '--scheduler-config',
    join(files, 'none'),
  ]);
  assert.match(server.stderr, /none: there is no such file/);
  const gates = ['--feature-gates', 'NoSuchGate=true'];
  const gated = await run([...main, 'up', '--data-dir', folder, '--runtime', 'simulated', ...gates]);
  assert.equal(gated.exitCode, 1);
  assert.match(gated.stderr, /--feature-gates NoSuchGate=true: unrecognized feature gate: NoSuchGate/);
  assert.match((await run([...main, 'up', '--help'])).stdout, /--scheduler-config <file>/);
});
