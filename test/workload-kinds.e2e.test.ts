/** Stock kubectl and the kinds beside Deployments and pods: made by its generators, shown, explained, patched. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestCluster, until } from './cluster.fixture.ts';

const cluster = await startTestCluster(['--nodes', '1']);
after(() => cluster.remove());
const { ok, fails, kubectl } = cluster;

const create = (manifest: object): Promise<string> =>
  ok(['create', '-f', '-'], { input: JSON.stringify(manifest) });
const labels = { app: 'db' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'db:1' }] } };
const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

/** Sooner or later. */
async function shows(args: readonly string[], pattern: RegExp, withinMs?: number): Promise<void> {
  let last = '';
  const isShown = async (): Promise<boolean> => pattern.test((last = await ok(args)));
  await until(isShown, withinMs).catch((cause: unknown) => assert.match(last, pattern, String(cause)));
}

await until(() => ok(['get', 'serviceaccount', 'default']));

test('jobs and cron jobs', async () => {
  await ok(['create', 'job', 'pi', '--image=pi:1', '--', 'sleep', '2']);
  assert.match(
    await ok(['get', 'jobs', '-o', 'wide']),
    /^NAME +STATUS +COMPLETIONS +DURATION +AGE +CONTAINERS +IMAGES +SELECTOR\npi +Running +0\/1 +\S+ +\S+ +pi +pi:1 +batch\.kubernetes\.io\/controller-uid=/,
  );
  await ok(['wait', '--for=condition=complete', 'job/pi', '--timeout=30s']);
  assert.match(await ok(['get', 'job', 'pi']), /\npi +Complete +1\/1 +\d+s /);
  assert.match(
    await ok(['describe', 'job', 'pi']),
    /Completion Mode: +NonIndexed[^]*Pods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed[^]*SuccessfulCreate [^]*Completed +\S+ +job-controller +Job completed/,
  );
  assert.match(await ok(['get', 'pods', '-l', 'job-name=pi']), /\npi-\w{5} +0\/1 +Completed /);
  await ok(['create', 'job', 'bad', '--image=bad:1', '--', 'sh', '-c', 'exit 3']);
  await ok(['patch', 'job', 'bad', '-p', '{"spec":{"backoffLimit":0}}']);
  await ok(['wait', '--for=condition=failed', 'job/bad', '--timeout=30s']);
  const why = '{.status.conditions[?(@.type=="Failed")].reason}';
  assert.equal(await ok(['get', 'job', 'bad', '-o', `jsonpath=${why}`]), 'BackoffLimitExceeded');
  await ok(['create', 'cronjob', 'tidy', '--image=tidy:1', '--schedule=0 0 1 1 *', '--', 'true']);
  assert.match(
    await ok(['get', 'cj']),
    /^NAME +SCHEDULE +TIMEZONE +SUSPEND +ACTIVE +LAST SCHEDULE +AGE\ntidy +0 0 1 1 \* +<none> +False +0 +<none>/,
  );
  await ok(['create', 'job', 'now', '--from=cronjob/tidy']);
  assert.match(await ok(['get', 'job', 'now', '-o', 'yaml']), /kind: CronJob\n +name: tidy/);
  await ok(['wait', '--for=condition=complete', 'job/now', '--timeout=30s']);
  const refused = await fails(['create', 'cronjob', 'bad', '--image=x', '--schedule=61 * * * *']);
  assert.match(
    refused,
    /spec\.schedule: Invalid value: "61 \* \* \* \*": end of range \(61\) above maximum \(59\)/,
  );
  await ok(['delete', 'cronjob', 'tidy']);
  await ok(['delete', 'job', 'pi', 'bad']);
  await shows(['get', 'jobs,pods', '-o', 'name'], /^$/);
});

test('a drain waits for what a disruption budget allows', async () => {
  const node = (await ok(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])).trim();
  await ok(['create', 'deployment', 'web', '--image=web:1', '--replicas=2']);
  await ok(['rollout', 'status', 'deployment/web', '--timeout=30s']);
  await ok(['create', 'pdb', 'web', '--selector=app=web', '--min-available=2']);
  await shows(
    ['get', 'pdb'],
    /^NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE\nweb +2 +N\/A +0 /,
  );
  const refused = await fails(['drain', node, '--timeout=3s']);
  assert.match(refused, /Cannot evict pod as it would violate the pod's disruption budget\./);
  await ok(['uncordon', node]);
  await ok(['scale', 'deployment', 'web', '--replicas=3']);
  await ok(['patch', 'pdb', 'web', '-p', '{"spec":{"minAvailable":1}}']);
  await shows(['get', 'pdb'], /\nweb +1 +N\/A +2 /);
  // One of three has to stay, and cordoned as the node is, none comes in the place of those that go.
  await fails(['drain', node, '--timeout=10s']);
  await shows(['get', 'deployment', 'web'], /\nweb +1\/3 /);
  await ok(['delete', 'pdb', 'web']);
  await ok(['drain', node, '--timeout=30s']);
  await ok(['uncordon', node]);
  await ok(['rollout', 'status', 'deployment/web', '--timeout=30s']);
  await ok(['delete', 'deployment', 'web']);
});

test('stateful sets, daemon sets and controllers of old', async () => {
  const set = { selector: { matchLabels: labels }, template };
  const claims = [{ metadata: { name: 'data' }, spec: claimSpec }];
  const place = { name: 'db' };
  await create({
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: place },
    spec: { ...set, serviceName: 'db', volumeClaimTemplates: claims },
  });
  await ok(['scale', 'sts', 'db', '--replicas=3']);
  await shows(['get', 'sts'], /^NAME +READY +AGE\ndb +3\/3 /);
  const change = '{"spec":{"serviceName":"other"}}';
  assert.match(
    await fails(['patch', 'sts', 'db', '-p', change]),
    /updates to statefulset spec for fields other than/,
  );
  await create({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: place, spec: set });
  assert.match(
    await ok(['get', 'ds']),
    /^NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE\ndb /,
  );
  await ok(['set', 'image', 'ds/db', 'main=db:2']);
  assert.match(await ok(['get', 'ds', 'db', '-o', 'yaml']), /template\.generation: "2"/);
  await create({ apiVersion: 'v1', kind: 'ReplicationController', metadata: place, spec: { template } });
  await ok(['scale', 'rc', 'db', '--replicas=2']);
  await shows(['get', 'rc', '-o', 'wide'], /\ndb +2 +2 +2 +\S+ +main +db:1 +app=db/);
  assert.match(await ok(['get', 'all']), /^statefulset\.apps\/db/m);
});

/** `kubectl rollout <verb> <what> ...` */
const rollout =
  (what: string) =>
  (verb: string, ...args: string[]) =>
    ok(['rollout', verb, what, ...args]);
const imageOf = (what: string): Promise<string> =>
  ok(['get', what, '-o', 'jsonpath={.spec.template.spec.containers[0].image}']);

for (const [kind, short, more] of [
  ['StatefulSet', 'sts', { serviceName: 'roll', replicas: 2 }],
  ['DaemonSet', 'ds', {}],
] as const) {
  test(`rollouts of a ${kind}: status, history, undo and restart`, async () => {
    const what = `${short}/roll-${short}`;
    const app = { app: what.replace('/', '-') };
    const manifest = {
      ...{ apiVersion: 'apps/v1', kind, metadata: { name: `roll-${short}` } },
      spec: {
        ...more,
        selector: { matchLabels: app },
        template: { metadata: { labels: app }, spec: { containers: [{ name: 'main', image: 'roll:1' }] } },
      },
    };
    const run = rollout(what);
    const over = short === 'ds' ? /successfully rolled out/ : /(roll out|update) complete/;
    await create(manifest);
    assert.match(await run('status', '--timeout=30s'), over);
    await ok(['set', 'image', what, 'main=roll:2']);
    assert.match(await run('status', '--timeout=50s'), over);
    assert.match(await run('history'), /REVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>/);
    assert.match(await run('history', '--revision=1'), /Image:\s+roll:1/);
    assert.match(await run('undo'), /rolled back/);
    assert.match(await run('status', '--timeout=50s'), over);
    assert.equal(await imageOf(what), 'roll:1');
    assert.match(await run('history'), /REVISION +CHANGE-CAUSE\n2 +<none>\n3 +<none>/);
    assert.match(
      await run('undo', '--to-revision=3'),
      /skipped rollback \(current template already matches revision 3\)/,
    );
    await run('restart');
    assert.match(await run('status', '--timeout=50s'), over);
    const pods = ['get', 'pods', '-l', `app=${app.app}`];
    const ready = await ok([...pods, '-o', 'jsonpath={.items[*].status.containerStatuses[0].ready}']);
    assert.match(ready, short === 'ds' ? /^true$/ : /^true true$/);
    assert.match(await ok(['describe', what]), /SuccessfulCreate/);
  });
}

test('a StatefulSet is scaled in order, and a drain leaves daemons alone', async () => {
  await ok(['scale', 'sts/roll-sts', '--replicas=3']);
  await rollout('sts/roll-sts')('status', '--timeout=30s');
  const names = ['get', 'pods', '-l', 'app=sts-roll-sts', '-o', 'name'];
  assert.equal(await ok(names), 'pod/roll-sts-0\npod/roll-sts-1\npod/roll-sts-2\n');
  await ok(['scale', 'sts/roll-sts', '--replicas=1']);
  await until(async () => (await ok(names)) === 'pod/roll-sts-0\n');
  const node = (await ok(['get', 'nodes', '-o', 'name'])).trim().replace('node/', '');
  const drain = ['drain', node, '--pod-selector=app=ds-roll-ds'];
  assert.match(await fails(drain), /cannot delete DaemonSet-managed Pods/);
  await ok([...drain, '--ignore-daemonsets']);
  assert.match(await ok(['get', 'ds', 'roll-ds', '--no-headers']), /^roll-ds +1 +1 +1 +1 +1 /);
  await ok(['uncordon', node]);
});

/** It looks every 15 s, and pods have to be measured for 15 s after they became ready. */
const AUTOSCALER_MS = 60_000;

test('what pods and nodes use, and autoscalers that follow it', async () => {
  const web = { app: 'web' };
  const container = {
    name: 'main',
    image: 'web:1',
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
  };
  const use = { 'kwok.x-k8s.io/usage-cpu': '35m', 'kwok.x-k8s.io/usage-memory': '20Mi' };
  await create({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
    spec: {
      selector: { matchLabels: web },
      template: { metadata: { labels: web, annotations: use }, spec: { containers: [container] } },
    },
  });
  await ok(['rollout', 'status', 'deployment/web', '--timeout=30s']);
  assert.match(
    await ok(['top', 'pods', '-l', 'app=web', '--containers']),
    /^POD +NAME +CPU\(cores\) +MEMORY\(bytes\) +\nweb-\S+ +main +35m +20Mi +\n$/,
  );
  assert.match(
    await ok(['top', 'nodes']),
    /^NAME +CPU\(cores\) +CPU\(%\) +MEMORY\(bytes\) +MEMORY\(%\) +\nnode-1 +\d+m +\d+% /,
  );
  assert.match(
    await ok(['get', 'pods.metrics.k8s.io', '-l', 'app=web']),
    /^NAME +CPU +MEMORY +WINDOW\nweb-\S+ +35m +20Mi +2s\n$/,
  );
  await ok(['autoscale', 'deployment', 'web', '--min=2', '--max=5', '--cpu=70%']);
  await shows(
    ['get', 'hpa'],
    /^NAME +REFERENCE +TARGETS +MINPODS +MAXPODS +REPLICAS +AGE\nweb +Deployment\/web +cpu: 35%\/70% +2 +5 +2 /,
    AUTOSCALER_MS,
  );
  const view = ['get', 'horizontalpodautoscalers.v1.autoscaling', 'web', '-o'];
  assert.equal(await ok([...view, 'jsonpath={.spec.targetCPUUtilizationPercentage}']), '70');
  await ok(['annotate', 'pods', '-l', 'app=web', 'kwok.x-k8s.io/usage-cpu=140m', '--overwrite']);
  await shows(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}'], /^4$/, AUTOSCALER_MS);
  await ok(['rollout', 'status', 'deployment/web', '--timeout=30s']);
  assert.match(
    await ok(['describe', 'hpa', 'web']),
    /Min replicas: +2[^]*AbleToScale +True[^]*ScalingActive +True +ValidMetricFound[^]*SuccessfulRescale +\S+ +horizontal-pod-autoscaler +New size: 4; reason: cpu resource utilization \(percentage of request\) above target/,
  );
  await ok(['delete', 'hpa,deployment', 'web']);
});

test('volumes, claims, quotas and limits', async () => {
  await create({
    ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'disk' } },
    spec: {
      ...{ capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
      hostPath: { path: '/data' },
    },
  });
  assert.match(
    await ok(['get', 'pv']),
    /^NAME +CAPACITY +ACCESS MODES +RECLAIM POLICY [^]*\ndisk +1Gi +RWO +Retain /,
  );
  const claim = (name: string, spec: object): Promise<string> =>
    create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec });
  await claim('data', claimSpec);
  await claim('old', { ...claimSpec, storageClassName: '' });
  await shows(['get', 'pvc'], /\ndata +Pending +standard +<unset> +/);
  await shows(['get', 'pvc'], /\nold +Bound +disk +1Gi +RWO +<unset> +/);
  await shows(['get', 'pv', 'disk'], /\ndisk +1Gi +RWO +Retain +Bound +default\/old +/);
  await shows(['describe', 'pvc', 'data'], /WaitForFirstConsumer .*waiting for first consumer to be created/);
  await ok(['delete', 'sts,ds,rc', '--all', '--wait']);
  await shows(['get', 'pods', '-o', 'name'], /^$/);
  await ok(['create', 'quota', 'team', '--hard=pods=3,limits.cpu=2,count/deployments.apps=1']);
  await shows(
    ['get', 'quota'],
    /^NAME +REQUEST +LIMIT +AGE\nteam +count\/deployments\.apps: 0\/1, pods: 0\/3 +limits\.cpu: 0\/2 /,
  );
  assert.match(
    await fails(['create', 'quota', 'bad', '--hard=tapes=3']),
    /must be a standard resource for quota/,
  );
  assert.match(
    await fails(['run', 'greedy', '--image=web:1']),
    /pods "greedy" is forbidden: failed quota: team: must specify limits\.cpu for: greedy/,
  );
  const limited = (name: string, cpu: string): Promise<string> => {
    const container = { name: 'main', image: 'web:1', resources: { limits: { cpu } } };
    return create({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [container] } });
  };
  await limited('first', '1500m');
  await assert.rejects(
    limited('second', '1'),
    /exceeded quota: team, requested: limits\.cpu=1, used: limits\.cpu=1500m, limited: limits\.cpu=2/,
  );
  assert.match(
    await ok(['describe', 'quota', 'team']),
    /count\/deployments\.apps +0 +1\nlimits\.cpu +1500m +2\npods +1 +3/,
  );
  await ok(['create', 'deployment', 'one', '--image=web:1', '--replicas=0']);
  assert.match(
    await fails(['create', 'deployment', 'two', '--image=web:1']),
    /exceeded quota: team, requested: count\/deployments\.apps=1, used: count\/deployments\.apps=1, limited: count\/deployments\.apps=1/,
  );
  await ok(['delete', 'pod', 'first', '--wait']);
  await shows(['get', 'quota', '--no-headers'], / pods: 0\/3 /);
  const limits = [{ type: 'Container', max: { cpu: '2' } }];
  await create({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'small' }, spec: { limits } });
  assert.match(await ok(['describe', 'limits', 'small']), /Container +cpu +- +2 +2 +2/);
  assert.match(await ok(['get', 'limits']), /^NAME +CREATED AT\nsmall /);
  await ok(['run', 'modest', '--image=web:1']);
  assert.match(
    await ok(['get', 'pod', 'modest', '-o', 'jsonpath={.spec.containers[0].resources}']),
    /"limits":\{"cpu":"2"\}/,
  );
  await assert.rejects(limited('huge', '3'), /maximum cpu usage per Container is 2, but limit is 3/);
});

test('components', async () => {
  const { stdout, stderr } = await kubectl(['get', 'cs']);
  assert.match(stderr, /Warning: v1 ComponentStatus is deprecated in v1\.19\+/);
  assert.match(stdout, /^NAME +STATUS +MESSAGE +ERROR\nscheduler +Healthy +ok/);
  assert.match(stdout, /^controller-manager +Healthy +ok/m);
  assert.match(await ok(['explain', 'cronjob.spec.schedule']), /KIND: +CronJob/);
});
