/**
 * Official tests of [sig-node] of what runs in real containers: messages at the end, commands, users, files
 * of the kubelet.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { each, type Fields } from '../api.fixture.ts';
import {
  AT_ONCE,
  BUSYBOX,
  isReady,
  NODE_MOUNTS,
  NODE_VOLUMES,
  once,
  pathOf,
  startContainers,
  type RealCluster,
} from './containers.fixture.ts';

let cluster: RealCluster;
before(async () => {
  cluster = await startContainers();
});
after(() => cluster.stop());

let count = 0;
const namespaceOf = (): Promise<string> => cluster.namespace(`containers-${++count}`);
const firstStatus = ({ status }: Fields): Fields | undefined => each(status?.containerStatuses)[0];
const hasEnded = ({ status }: Fields): boolean => /Succeeded|Failed/.test(String(status?.phase));

const FALLBACK = { terminationMessagePolicy: 'FallbackToLogsOnError' };
const MESSAGES: readonly (readonly [string, string, object, string, string])[] = [
  [
    'Container Runtime blackbox test on terminated container should report termination message if TerminationMessagePath is set as non-root user and at a non-default path',
    'echo -n DONE > /dev/termination-custom-log',
    { terminationMessagePath: '/dev/termination-custom-log', securityContext: { runAsUser: 10_000 } },
    'Succeeded',
    'DONE',
  ],
  [
    'Container Runtime blackbox test on terminated container should report termination message from log output if TerminationMessagePolicy FallbackToLogsOnError is set',
    'echo -n DONE; /bin/false',
    FALLBACK,
    'Failed',
    'DONE',
  ],
  [
    'Container Runtime blackbox test on terminated container should report termination message as empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set',
    'echo -n DONE; /bin/true',
    FALLBACK,
    'Succeeded',
    '',
  ],
  [
    'Container Runtime blackbox test on terminated container should report termination message from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set',
    'echo -n OK > /dev/termination-log; echo DONE; /bin/true',
    FALLBACK,
    'Succeeded',
    'OK',
  ],
];

/** Fails at its first run, succeeds at its second, and then runs on. */
const THREE_RUNS = `echo hello >> /runs/count; runs=$(wc -l < /runs/count)
  [ $runs -eq 1 ] && exit 1; [ $runs -eq 2 ] && exit 0; exec sleep 3600`;
const POLICIES: readonly (readonly [string, string, string, number, boolean])[] = [
  ['Always', 'Running', 'running', 2, true],
  ['OnFailure', 'Succeeded', 'terminated', 1, false],
  ['Never', 'Failed', 'terminated', 0, false],
];

function endTests(): void {
  for (const [title, script, container, phase, message] of MESSAGES)
    test(title, async () => {
      const pod = await cluster.post(`${await namespaceOf()}/pods`, once('ends', script, container));
      const ended = await cluster.pod(pathOf(pod), hasEnded);
      assert.equal(ended.status?.phase, phase);
      assert.equal(firstStatus(ended)?.state?.terminated?.message ?? '', message);
    });

  test('Container Runtime blackbox test when starting a container that exits should run with the expected status', async () => {
    const namespace = await namespaceOf();
    const container = { volumeMounts: [{ name: 'runs', mountPath: '/runs' }] };
    const volumes = [{ name: 'runs', emptyDir: { medium: 'Memory' } }];
    await Promise.all(
      POLICIES.map(async ([restartPolicy, phase, state, restarts, ready]) => {
        const name = `terminate-${restartPolicy.toLowerCase()}`;
        const pod = once(name, THREE_RUNS, container, { restartPolicy, volumes });
        const path = pathOf(await cluster.post(`${namespace}/pods`, pod));
        const is = await cluster.pod(
          path,
          (now) => Number(firstStatus(now)?.restartCount) === restarts && String(now.status?.phase) === phase,
        );
        assert.equal(isReady(is), ready);
        assert.deepEqual(Object.keys(firstStatus(is)?.state ?? {}), [state]);
        await cluster.remove(path);
      }),
    );
  });
}

const TESTER = 'k8ts.local/entrypoint-tester:1';
const COMMANDS: readonly (readonly [string, object, string])[] = [
  ['Containers should use the image defaults if command and args are blank', {}, 'entrypoint cmd'],
  [
    "Containers should be able to override the image's default arguments (container cmd)",
    { args: ['override', 'arguments'] },
    'entrypoint override arguments',
  ],
  [
    "Containers should be able to override the image's default command (container entrypoint)",
    { command: ['/bin/echo', 'other'] },
    'other',
  ],
  [
    "Containers should be able to override the image's default command and arguments",
    { command: ['/bin/echo', 'other'], args: ['override', 'arguments'] },
    'other override arguments',
  ],
];

function commandTests(): void {
  before(() =>
    cluster.image(TESTER, 'FROM busybox:1\nENTRYPOINT ["/bin/echo", "entrypoint"]\nCMD ["cmd"]\n'),
  );
  for (const [title, words, printed] of COMMANDS)
    test(title, async () => {
      const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: TESTER, ...words }] };
      const pod = { metadata: { name: 'tester' }, spec };
      assert.equal(await cluster.output(await namespaceOf(), pod), `${printed}\n`);
    });
}

function rightTests(): void {
  const printed = async (script: string, container: object = {}, spec: object = {}): Promise<string> =>
    cluster.output(await namespaceOf(), once('main', script, container, spec));

  test('Security Context When creating a container with runAsUser should run the container with uid 65534', async () => {
    assert.equal(await printed('id -u', { securityContext: { runAsUser: 65_534 } }), '65534\n');
  });

  test('Security Context should support container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup', async () => {
    const securityContext = { runAsUser: 1001, runAsGroup: 2002 };
    assert.match(await printed('id', { securityContext }), /^uid=1001 gid=2002/);
  });

  test('Security Context should support pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup', async () => {
    const securityContext = { runAsUser: 1001, runAsGroup: 2002 };
    assert.match(await printed('id', {}, { securityContext }), /^uid=1001 gid=2002/);
  });

  test('Security Context When creating a pod with privileged should run the container as unprivileged when false', async () => {
    const script = 'ip link add dummy0 type dummy 2>&1 || true';
    const securityContext = { privileged: false };
    assert.match(await printed(script, { securityContext }), /RTNETLINK answers: Operation not permitted/);
  });

  test('Security Context When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false', async () => {
    const securityContext = { readOnlyRootFilesystem: false };
    assert.equal(await printed('touch checkfile && ls checkfile', { securityContext }), 'checkfile\n');
  });

  test('Kubelet when scheduling a read only busybox container should not write to root filesystem', async () => {
    const securityContext = { readOnlyRootFilesystem: true };
    const script = 'echo test > /file; echo ended';
    assert.match(
      await printed(`(${script}) 2>&1`, { securityContext }),
      /can't create \/file: Read-only file system/,
    );
  });

  test('Security Context when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false', async () => {
    const shared = { name: 'shared', mountPath: '/shared' };
    // Busybox gives up its rights by itself, so the program that would gain them is Node.
    const volumes = [{ name: 'shared', emptyDir: {} }, ...NODE_VOLUMES];
    const setUp = ['sh', '-c', 'cp /node /shared/node && chmod 4755 /shared/node'];
    const volumeMounts = [shared, ...NODE_MOUNTS];
    const initContainers = [{ name: 'set-up', image: BUSYBOX, command: setUp, volumeMounts }];
    const effective = async (allowPrivilegeEscalation: boolean): Promise<string> =>
      printed(
        '',
        {
          command: ['/shared/node', '-p', 'process.geteuid()'],
          volumeMounts,
          securityContext: { runAsUser: 1000, allowPrivilegeEscalation },
        },
        { volumes, initContainers },
      );
    assert.deepEqual(await Promise.all([effective(false), effective(true)]), ['1000\n', '0\n']);
  });

  test('Sysctls [LinuxOnly] should support sysctls', async () => {
    const securityContext = { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] };
    const script = 'sysctl kernel.shm_rmid_forced';
    assert.equal(await printed(script, {}, { securityContext }), 'kernel.shm_rmid_forced = 1\n');
  });

  test('Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts', async () => {
    const hostAliases = [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }];
    assert.match(await printed('cat /etc/hosts', {}, { hostAliases }), /^123\.45\.67\.89\tfoo\tbar$/m);
  });

  test('KubeletManagedEtcHosts should test kubelet managed /etc/hosts file', async () => {
    const namespace = await namespaceOf();
    const original = { name: 'host', mountPath: '/etc/hosts-original' };
    const container = (name: string, ...further: object[]): object => ({
      name,
      image: BUSYBOX,
      command: ['sleep', '3600'],
      volumeMounts: [original, ...further],
    });
    const volumes = [{ name: 'host', hostPath: { path: '/etc/hosts', type: 'FileOrCreate' } }];
    const spec = { volumes, terminationGracePeriodSeconds: 0 };
    const own = [
      container('one'),
      container('two'),
      container('three', { name: 'host', mountPath: '/etc/hosts' }),
    ];
    const [pod, onHost] = await Promise.all([
      cluster.start(namespace, { metadata: { name: 'test-pod' }, spec: { ...spec, containers: own } }),
      cluster.start(namespace, {
        metadata: { name: 'test-host-network-pod' },
        spec: { ...spec, hostNetwork: true, containers: [container('one'), container('two')] },
      }),
    ]);
    const isManaged = async (of: Fields, name: string): Promise<boolean> => {
      const [hosts = '', before = ''] = await Promise.all(
        ['hosts', 'hosts-original'].map((file) => cluster.sh(pathOf(of), `cat /etc/${file}`, name)),
      );
      assert.ok(hosts.length > 0 && before.length > 0);
      return hosts.startsWith('# Kubernetes-managed hosts file.') && hosts !== before;
    };
    assert.deepEqual(await Promise.all(['one', 'two', 'three'].map((name) => isManaged(pod, name))), [
      true,
      true,
      false,
    ]);
    assert.deepEqual(await Promise.all(['one', 'two'].map((name) => isManaged(onHost, name))), [
      false,
      false,
    ]);
  });
}

describe('containers', AT_ONCE, () => {
  describe('ends of containers', AT_ONCE, endTests);
  describe('commands of containers', AT_ONCE, commandTests);
  describe('users, rights and files of containers', AT_ONCE, rightTests);
});
