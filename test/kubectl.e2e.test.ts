/** Stock kubectl against a cluster of two simulated nodes: reading, creating, changing and deleting. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { startTestCluster, until } from './cluster.fixture.ts';

const cluster = await startTestCluster(['--nodes', '2']);
after(() => cluster.remove());
const { ok, fails, kubectl } = cluster;

function deployment(name: string, replicas: number, image = 'nginx:1'): string {
  const labels = { app: name };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } },
    },
  });
}

const apply = (manifest: string, ...args: string[]): Promise<string> =>
  ok(['apply', '-f', '-', ...args], { input: manifest });

await ok(['create', '-f', '-'], { input: deployment('web', 3) });
await ok(['rollout', 'status', 'deployment/web', '--timeout=30s']);
await until(() => ok(['get', 'serviceaccount', 'default']));

test('version, api-resources, api-versions, cluster-info and raw paths', async () => {
  assert.match(await ok(['version']), /Server Version: v1\.36\./);
  const resources = await ok(['api-resources']);
  assert.match(resources, /^deployments +deploy +apps\/v1 +true +Deployment$/m);
  assert.match(resources, /^nodes +no +v1 +false +Node$/m);
  assert.match(await ok(['api-versions']), /^apps\/v1$/m);
  assert.match(await ok(['cluster-info']), /control plane.* is running at/);
  assert.match(await ok(['auth', 'whoami']), /credential-id +\[X509SHA256=[0-9a-f]{64}\]/);
  assert.equal(await ok(['get', '--raw', '/readyz']), 'ok');
  assert.match(await ok(['get', '--raw', '/version']), /"minor": ?"36"/);
  assert.match(await ok(['get', '--raw', '/livez?verbose']), /livez check passed/);
});

test('get: tables, wide, yaml, json, jsonpath, names and columns', async () => {
  assert.match(
    await ok(['get', 'deploy', 'web']),
    /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +3\/3 +3 +3 /,
  );
  assert.match(
    await ok(['get', 'pods', '-o', 'wide']),
    /NOMINATED NODE +READINESS GATES\n(web-\S+ +1\/1 +Running.*\n){3}$/,
  );
  assert.match(await ok(['get', 'nodes']), /^node-2 +Ready +<none> +\S+ +v1\.36/m);
  assert.match(await ok(['get', 'deploy', 'web', '-o', 'yaml']), /^kind: Deployment$/m);
  assert.equal(JSON.parse(await ok(['get', 'deploy', 'web', '-o', 'json'])).spec.replicas, 3);
  assert.equal(await ok(['get', 'deploy', 'web', '-o', 'jsonpath={.status.readyReplicas}']), '3');
  assert.equal(await ok(['get', 'deploy', '-o', 'name']), 'deployment.apps/web\n');
  const columns = 'custom-columns=N:.metadata.name,R:.spec.replicas';
  assert.equal(await ok(['get', 'deploy', '-o', columns]), 'N     R\nweb   3\n');
  assert.match(await ok(['get', 'deploy,rs', '--show-labels']), /LABELS[^]*pod-template-hash=/);
  assert.match(await ok(['get', 'all']), /service\/kubernetes +ClusterIP +10\.43\.0\.1/);
  assert.match(await ok(['get', 'pods', '--sort-by=.metadata.name', '--no-headers']), /^(web-.*\n){3}$/);
});

test('get: selectors, fields, namespaces, pages, absences and watches', async () => {
  assert.match(await ok(['get', 'pods', '-l', 'app in (web),x!=y', '-o', 'name']), /^(pod\/web-.*\n){3}$/);
  assert.equal(await ok(['get', 'pods', '-l', 'app=none', '-o', 'name']), '');
  const fields = 'status.phase=Running,spec.nodeName!=node-9';
  assert.match(await ok(['get', 'pods', '--field-selector', fields, '-o', 'name']), /^(pod\/web-.*\n){3}$/);
  assert.match(await fails(['get', 'pods', '--field-selector', 'a.b=c']), /field label not supported: a\.b/);
  assert.match(await ok(['get', 'clusterroles', '--chunk-size=5', '-o', 'name']), /\/view\n[^]*|\/admin\n/);
  assert.match(await ok(['get', 'pods', '-A']), /^NAMESPACE +NAME/);
  assert.match(
    await fails(['get', 'pod', 'nobody']),
    /Error from server \(NotFound\): pods "nobody" not found/,
  );
  assert.match(await fails(['get', 'things']), /the server doesn't have a resource type "things"/);
  assert.equal(await ok(['get', 'pod', 'nobody', '--ignore-not-found']), '');
  const watching = kubectl(['get', 'configmaps', '-w', '-o', 'name'], { timeoutMs: 2500 });
  await ok(['create', 'configmap', 'watched', '--from-literal=a=b']);
  assert.match((await watching).stdout, /configmap\/watched/);
});

test('describe: pods, nodes, deployments, services and namespaces', async () => {
  const pods = await ok(['describe', 'pods', '-l', 'app=web']);
  assert.match(pods, /Controlled By: +ReplicaSet\/web-/);
  assert.match(pods, /Scheduled.*Successfully assigned default\/web-/);
  assert.match(await ok(['describe', 'node', 'node-1']), /Allocated resources:[^]*Events:/);
  assert.match(await ok(['describe', 'deploy', 'web']), /3 desired \| 3 updated \| 3 total \| 3 available/);
  assert.match(await ok(['describe', 'svc', 'kubernetes']), /IP: +10\.43\.0\.1/);
  assert.match(await ok(['describe', 'ns', 'default']), /Status: +Active/);
  assert.match(await ok(['events', '--for', 'deployment/web']), /ScalingReplicaSet/);
  assert.match(
    await ok(['get', 'events', '--field-selector=reason=Scheduled']),
    /default-scheduler|Scheduled/,
  );
});

test('create: every generator', async () => {
  await ok(['create', 'namespace', 'made']);
  const made = (...args: string[]): Promise<string> => ok(['create', '-n', 'made', ...args]);
  await until(() => ok(['get', 'sa', 'default', '-n', 'made']));
  await made('deployment', 'one', '--image=nginx', '--replicas=1', '--port=80');
  await made('configmap', 'one', '--from-literal=a=1');
  await made('secret', 'generic', 'one', '--from-literal=password=hidden');
  await made('serviceaccount', 'robot');
  await made('role', 'reader', '--verb=get,list', '--resource=pods');
  await made('rolebinding', 'reader', '--role=reader', '--serviceaccount=made:robot');
  await made('service', 'clusterip', 'one', '--tcp=80:8080');
  await made('clusterrole', 'made-reader', '--verb=get', '--resource=nodes');
  await made('clusterrolebinding', 'made-reader', '--clusterrole=made-reader', '--serviceaccount=made:robot');
  await made('poddisruptionbudget', 'one', '--selector=app=nobody', '--min-available=0');
  await made('priorityclass', 'made-high', '--value=1000');
  assert.match(await made('token', 'robot'), /^eyJ[\w-]+\.[\w-]+\.[\w-]+\n?$/);
  const secret = await ok(['get', 'secret', 'one', '-n', 'made', '-o', 'jsonpath={.data.password}']);
  assert.equal(Buffer.from(secret, 'base64').toString(), 'hidden');
  assert.match(await fails(['create', '-n', 'made', 'configmap', 'one']), /configmaps "one" already exists/);
});

test('permissions: can-i, whoami, impersonation and tokens', async () => {
  const robot = '--as=system:serviceaccount:made:robot';
  assert.equal(await ok(['auth', 'can-i', 'list', 'pods', '-n', 'made', robot]), 'yes\n');
  assert.equal((await kubectl(['auth', 'can-i', 'delete', 'pods', '-n', 'made', robot])).stdout, 'no\n');
  assert.match(
    await ok(['auth', 'can-i', '--list', '-n', 'made', robot]),
    /^pods +\[\] +\[\] +\[get list\]$/m,
  );
  assert.match(await ok(['auth', 'whoami']), /Groups +\[.*system:authenticated.*\]/);
  assert.match(await ok(['get', 'pods', '-n', 'made', robot]), /^NAME/);
  const refusal = await fails(['delete', 'pod', 'x', '-n', 'made', robot]);
  assert.ok(
    refusal.includes(
      'User "system:serviceaccount:made:robot" cannot delete resource "pods" in API group "" in the namespace "made"',
    ),
    refusal,
  );
  const token = (await ok(['create', 'token', 'robot', '-n', 'made'])).trim();
  const alone = ['--kubeconfig=/dev/null', `--server=https://127.0.0.1:${cluster.port}`];
  const anybody = [...alone, '--insecure-skip-tls-verify', `--token=${token}`];
  const stdout = await ok(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}', ...anybody]);
  assert.equal(stdout, 'system:serviceaccount:made:robot');
});

test('apply: client-side, again, with a change, diff and prune of fields', async () => {
  const config = (data: Record<string, string>): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data });
  assert.equal(await apply(config({ a: '1', b: '2' })), 'configmap/applied created\n');
  assert.equal(await apply(config({ a: '1', b: '2' })), 'configmap/applied unchanged\n');
  const diff = await kubectl(['diff', '-f', '-'], { input: config({ a: '2' }) });
  assert.equal(diff.exitCode, 1, diff.stderr);
  assert.match(diff.stdout, /-  a: "1"\n[^]*\+  a: "2"/);
  assert.equal(await apply(config({ a: '2' })), 'configmap/applied configured\n');
  assert.equal(await ok(['get', 'cm', 'applied', '-o', 'jsonpath={.data}']), '{"a":"2"}');
  assert.equal((await kubectl(['diff', '-f', '-'], { input: config({ a: '2' }) })).exitCode, 0);
  assert.match(await apply(config({ a: '3' }), '--dry-run=server'), /configured \(server dry run\)/);
  assert.equal(await ok(['get', 'cm', 'applied', '-o', 'jsonpath={.data.a}']), '2');
  assert.match(await ok(['apply', 'view-last-applied', 'cm/applied', '-o', 'json']), /"a": "2"/);
});

test('apply --server-side: conflicts name the manager, and force takes over', async () => {
  const config = (value: string): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data: { a: value } });
  const args = ['apply', '--server-side', '-f', '-'];
  assert.match(await ok([...args, '--field-manager=first'], { input: config('1') }), /serverside-applied/);
  const conflict = await fails([...args, '--field-manager=second'], { input: config('2') });
  assert.match(conflict, /Apply failed with 1 conflict: conflict with "first": \.data\.a/);
  await ok([...args, '--field-manager=second', '--force-conflicts'], { input: config('2') });
  const managers = await ok([
    'get',
    'cm',
    'owned',
    '-o',
    'jsonpath={.metadata.managedFields[*].manager}',
    '--show-managed-fields',
  ]);
  assert.equal(managers, 'second');
});

test('patch, label, annotate, scale, set, edit and replace', async () => {
  await apply(deployment('changed', 1));
  const at = (path: string): Promise<string> => ok(['get', 'deploy', 'changed', '-o', `jsonpath={${path}}`]);
  const patch = (type: string, text: string): Promise<string> =>
    ok(['patch', 'deploy', 'changed', `--type=${type}`, '-p', text]);
  await patch(
    'strategic',
    '{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","value":"1"}]}]}}}}',
  );
  assert.equal(await at('.spec.template.spec.containers[0].image'), 'nginx:1');
  await patch('merge', '{"metadata":{"annotations":{"note":"x"}}}');
  await patch(
    'json',
    '[{"op":"test","path":"/spec/replicas","value":1},{"op":"replace","path":"/spec/replicas","value":2}]',
  );
  assert.equal(await at('.spec.replicas'), '2');
  await ok(['label', 'deploy', 'changed', 'tier=front']);
  assert.match(await fails(['label', 'deploy', 'changed', 'tier=back']), /'tier' already has a value/);
  await ok(['label', 'deploy', 'changed', 'tier=back', '--overwrite']);
  await ok(['label', 'deploy', 'changed', 'tier-']);
  assert.equal(await at('.metadata.labels.tier'), '');
  await ok(['annotate', 'deploy', 'changed', 'note-']);
  await ok(['scale', 'deploy', 'changed', '--replicas=3', '--current-replicas=2']);
  await ok(['set', 'image', 'deploy/changed', 'main=nginx:2']);
  await ok(['set', 'env', 'deploy/changed', 'B=2']);
  await ok(['set', 'resources', 'deploy/changed', '--limits=cpu=200m,memory=64Mi']);
  await ok(['set', 'serviceaccount', 'deploy/changed', 'default']);
  assert.equal(await at('.spec.template.spec.containers[0].image'), 'nginx:2');
  await ok(['edit', 'deploy', 'changed'], {
    environment: { KUBE_EDITOR: 'sed -i s/replicas:.3/replicas:\\ 1/' },
  });
  assert.equal(await at('.spec.replicas'), '1');
  const object = JSON.parse(await ok(['get', 'deploy', 'changed', '-o', 'json']));
  const stale = JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: '1' } });
  assert.match(
    await fails(['replace', '-f', '-'], { input: stale }),
    /\(Conflict\)[^]*the object has been modified/,
  );
  await ok(['replace', '-f', '-'], { input: deployment('changed', 2) });
  assert.equal(await at('.spec.replicas'), '2');
  assert.match(await ok(['replace', '--force', '-f', '-'], { input: deployment('changed', 1) }), /replaced/);
});

test('rollout: status, history, undo, pause, resume and restart', async () => {
  await apply(deployment('rolled', 2));
  const rollout = (verb: string, ...args: string[]): Promise<string> =>
    ok(['rollout', verb, 'deploy/rolled', ...args]);
  assert.match(await rollout('status', '--timeout=30s'), /successfully rolled out/);
  await ok(['set', 'image', 'deploy/rolled', 'main=nginx:2']);
  await rollout('status', '--timeout=30s');
  assert.match(await rollout('history'), /REVISION +CHANGE-CAUSE\n1 [^]*2 /);
  assert.match(await rollout('history', '--revision=2'), /nginx:2/);
  assert.match(await rollout('undo'), /rolled back/);
  await rollout('status', '--timeout=30s');
  assert.equal(await ok(['get', 'deploy', 'rolled', '-o', 'jsonpath={..image}']), 'nginx:1');
  await rollout('pause');
  assert.match(await fails(['rollout', 'restart', 'deploy/rolled']), /can't restart paused deployment/);
  await rollout('resume');
  await rollout('restart');
  assert.match(await rollout('status', '--timeout=30s'), /successfully rolled out/);
});

test('delete: propagation, selectors, grace and force', async () => {
  const names = async (): Promise<string> => ok(['get', 'rs,pods', '-l', 'app=gone', '-o', 'name']);
  for (const cascade of ['foreground', 'background'] as const) {
    await apply(deployment('gone', 1));
    await ok(['rollout', 'status', 'deploy/gone', '--timeout=30s']);
    await ok(['delete', 'deploy', 'gone', `--cascade=${cascade}`]);
    await until(async () => (await names()) === '');
  }
  await apply(deployment('gone', 1));
  await ok(['rollout', 'status', 'deploy/gone', '--timeout=30s']);
  await ok(['delete', 'deploy', 'gone', '--cascade=orphan']);
  assert.match(await names(), /replicaset\.apps\/gone-[^]*pod\/gone-/);
  await ok(['delete', 'rs', '-l', 'app=gone', '--cascade=orphan']);
  await ok(['delete', 'pod', '-l', 'app=gone', '--grace-period=1']);
  await ok(['run', 'forced', '--image=nginx']);
  assert.match(await ok(['delete', 'pod', 'forced', '--force', '--grace-period=0']), /force deleted/);
  assert.match(await fails(['get', 'pod', 'forced']), /not found/);
  await ok(['create', 'cm', 'x1', '-n', 'made']);
  assert.match(await ok(['delete', 'cm', '--all', '-n', 'made']), /"x1" deleted/);
  assert.match(await ok(['delete', 'pod', 'forced', '--ignore-not-found']), /^$/);
});

test('logs, attach, exec, cp and port-forward', async () => {
  const script = 'echo one; echo two; echo three; sleep 3600';
  await ok(['run', 'talker', '--image=busybox', '--', 'sh', '-c', script]);
  await ok(['wait', 'pod/talker', '--for=condition=Ready', '--timeout=20s']);
  assert.equal(await ok(['logs', 'talker']), 'one\ntwo\nthree\n');
  assert.equal(await ok(['logs', 'talker', '--tail=1']), 'three\n');
  assert.match(
    await ok(['logs', '-l', 'run=talker', '--prefix', '--timestamps']),
    /^\[pod\/talker\/talker\] 2\S+Z one$/m,
  );
  const followed = await kubectl(['logs', '-f', 'talker'], { timeoutMs: 1500 });
  assert.equal(followed.stdout, 'one\ntwo\nthree\n');
  assert.match(
    await fails(['logs', 'talker', '--previous']),
    /previous terminated container "talker" in pod "talker" not found/,
  );
  assert.match(await fails(['logs', 'talker', '-c', 'other']), /container other is not valid for pod talker/);
  assert.equal(await ok(['exec', 'talker', '--', 'echo', 'hello']), 'hello\n');
  const failed = await kubectl(['exec', 'talker', '--', 'sh', '-c', 'exit 3']);
  assert.equal(failed.exitCode, 3, failed.stderr);
  assert.match(await fails(['exec', 'nobody', '--', 'true']), /pods "nobody" not found/);
  assert.match(await fails(['port-forward', 'pod/nobody', '18080:80']), /pods "nobody" not found/);
  await ok(['run', 'crasher', '--image=busybox', '--', 'sh', '-c', 'echo again; exit 1']);
  await until(async () => /again/.test(await ok(['logs', 'crasher', '--previous'])));
  assert.match(await until(() => ok(['get', 'pod', 'crasher'])), /CrashLoopBackOff|Error|Running/);
});

test('every kind explains itself, down to its last field', async () => {
  const rows = (await ok(['api-resources', '--no-headers'])).trim().split('\n');
  assert.ok(rows.length > 60, `${rows.length} kinds`);
  const explainOne = async (): Promise<void> => {
    for (let row = rows.pop(); row !== undefined; row = rows.pop()) {
      const [, plural = '', version = '', kind = ''] =
        /^(\S+).* (\S+) +(?:true|false) +(\S+)$/.exec(row) ?? [];
      const text = await ok(['explain', plural, `--api-version=${version}`, '--recursive']);
      assert.match(text, new RegExp(`^KIND: +${kind}$`, 'm'), row);
      for (const field of ['apiVersion', 'kind']) assert.ok(text.includes(`\n  ${field}\t<string>`), row);
    }
  };
  await Promise.all([explainOne(), explainOne()]);
});

test('run, expose, wait, explain and top', async () => {
  await ok(['run', 'served', '--image=nginx', '--port=80', '--expose']);
  await ok(['expose', 'deploy', 'web', '--port=80', '--type=NodePort', '--name=outside']);
  assert.match(await ok(['get', 'svc', 'outside']), /NodePort +10\.43\.\S+ +<none> +80:3\d{4}\/TCP/);
  await until(async () =>
    /10\.42\./.test(await ok(['get', 'endpointslices', '-l', 'kubernetes.io/service-name=outside'])),
  );
  await ok(['wait', 'pod/served', '--for=jsonpath={.status.phase}=Running', '--timeout=20s']);
  await ok(['wait', 'deploy/web', '--for=condition=Available', '--timeout=20s']);
  const [gone] = await Promise.all([
    ok(['wait', 'pod/served', '--for=delete', '--timeout=45s']),
    ok(['delete', 'pod', 'served', '--wait=false', '--grace-period=1']),
  ]);
  assert.match(gone, /condition met|^$/);
  assert.match(
    await fails(['wait', 'deploy/web', '--for=condition=Never', '--timeout=1s']),
    /timed out waiting/,
  );
  assert.match(
    await ok(['run', 'once', '--image=busybox', '--restart=Never', '-q', '--', 'true']),
    /^$|created/,
  );
  await ok(['wait', 'pod/once', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=20s']);
  assert.match(await ok(['explain', 'deployment.spec.strategy']), /FIELD: strategy|rollingUpdate/);
  const older = await ok(['explain', 'deploy.spec.strategy', '--output=plaintext-openapiv2']);
  assert.match(older, /RESOURCE: strategy <Object>[^]*rollingUpdate\t<Object>/);
  assert.match(await ok(['explain', 'pod', '--recursive']), /containers\s+<\[\]Container>/);
  assert.match(await fails(['explain', 'pod.spec.nothing']), /does not exist/);
  // Measured twice before there is a rate.
  await until(async () => /^web-\S+ +\d+m +\d+Mi/m.test(await ok(['top', 'pods'])), 60_000);
  assert.match(await ok(['top', 'nodes']), /^node-1 +\d+m +\d+% +\d+Mi +\d+%/m);
});

test('nodes: taint, cordon, drain and uncordon', async () => {
  await ok(['taint', 'node', 'node-1', 'dedicated=x:NoSchedule']);
  await ok(['taint', 'node', 'node-1', 'dedicated-']);
  await ok(['cordon', 'node-2']);
  assert.match(await ok(['get', 'node', 'node-2']), /Ready,SchedulingDisabled/);
  await ok([
    'drain',
    'node-2',
    '--ignore-daemonsets',
    '--force',
    '--delete-emptydir-data',
    '--grace-period=1',
    '--timeout=40s',
  ]);
  assert.equal(await ok(['get', 'pods', '--field-selector=spec.nodeName=node-2', '-o', 'name']), '');
  await ok(['uncordon', 'node-2']);
  await ok(['rollout', 'status', 'deploy/web', '--timeout=30s']);
});

test('the example becomes ready, and its namespace goes with all that is in it', async () => {
  await ok(['create', '-f', join(import.meta.dirname, '../examples/guestbook/guestbook.yaml')]);
  await ok(['wait', 'deploy', '--all', '-n', 'guestbook', '--for=condition=Available', '--timeout=40s']);
  assert.match(
    await ok(['get', 'pods', '-n', 'guestbook', '--no-headers']),
    /^(\S+ +1\/1 +Running .*\n){6}$/,
  );
  await ok(['delete', 'namespace', 'guestbook', '--timeout=45s']);
  assert.match(await fails(['get', 'ns', 'guestbook']), /not found/);
});

test('kustomize, files and folders', async () => {
  const folder = cluster.folder;
  await writeFile(
    join(folder, 'two.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: k1}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: k2}\n',
  );
  assert.equal(
    await ok(['apply', '-f', join(folder, 'two.yaml')]),
    'configmap/k1 created\nconfigmap/k2 created\n',
  );
  assert.equal(
    await ok(['delete', '-f', join(folder, 'two.yaml')]),
    'configmap "k1" deleted from default namespace\nconfigmap "k2" deleted from default namespace\n',
  );
});
