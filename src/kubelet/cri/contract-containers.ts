/** The part of the runtime contract that is about containers; see `contract.ts`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually, type WithPod } from './contract-pod.ts';
import { CriError, isNotFound } from './cri.ts';

/** Command lines with a known course; an in-memory runtime is scripted to follow the same one. */
export const courses = {
  /** As process 1 without a handler it does not see SIGTERM. */
  ignoresStop: ['sleep', '1000'],
  /** Ends with code 7 when it is told to stop. */
  stopsWith7: ['sh', '-c', 'trap "exit 7" TERM; while true; do sleep 0.02; done'],
  missing: ['/no/such/program'],
} as const;

const withCode = (code: number): readonly string[] => ['sh', '-c', `exit ${code}`];

export function containerContract(withPod: WithPod): void {
  lifecycleTests(withPod);
  endTests(withPod);
  listTests(withPod);
  execTests(withPod);
}

function lifecycleTests(withPod: WithPod): void {
  test('a container is created, runs, ends with its own code and is removed', () =>
    withPod('lifecycle', async ({ runtime, id, create, subject }) => {
      const containerId = await create(courses.stopsWith7);
      const created = await runtime.containerStatus(containerId);
      assert.equal(created.state, 'CONTAINER_CREATED');
      assert.equal(created.startedAtMs, 0);
      assert.deepEqual(created.metadata, { name: 'main', attempt: 0 });
      assert.equal(created.image.image.length > 0, true);

      await runtime.startContainer(containerId);
      const running = await runtime.containerStatus(containerId);
      assert.equal(running.state, 'CONTAINER_RUNNING');
      assert.ok(running.startedAtMs >= Math.floor(running.createdAtMs));
      assert.equal(running.finishedAtMs, 0);
      assert.deepEqual(
        (await runtime.listContainers({ podSandboxId: id })).map((c) => c.id),
        [containerId],
      );
      await assert.rejects(runtime.startContainer(containerId), { name: 'CriError' });

      // The shell needs a moment to set its trap.
      await subject.clock.sleep(200);
      await runtime.stopContainer(containerId, 5);
      const stopped = await runtime.containerStatus(containerId);
      assert.equal(stopped.state, 'CONTAINER_EXITED');
      assert.equal(stopped.exitCode, 7);
      assert.equal(stopped.reason, 'Error');
      assert.ok(stopped.finishedAtMs >= stopped.startedAtMs);

      await runtime.removeContainer(containerId);
      await assert.rejects(runtime.containerStatus(containerId), isNotFound);
    }));

  test('stopping and removing a container is idempotent', () =>
    withPod('idempotent-container', async ({ runtime, start, ended }) => {
      const containerId = await start(withCode(0));
      await ended(containerId);
      await runtime.stopContainer(containerId, 1);
      await runtime.removeContainer(containerId);
      await runtime.removeContainer(containerId);
      await runtime.stopContainer(containerId, 1);
    }));

  test('a running container can be removed', () =>
    withPod('remove-running', async ({ runtime, start }) => {
      const containerId = await start(courses.ignoresStop);
      await runtime.removeContainer(containerId);
      await assert.rejects(runtime.containerStatus(containerId), isNotFound);
    }));

  test('each attempt is a container of its own', () =>
    withPod('attempts', async ({ runtime, id, start, create, ended }) => {
      const first = await start(withCode(1), { name: 'app', attempt: 0 });
      await ended(first);
      await assert.rejects(create(withCode(1), { name: 'app', attempt: 0 }), { name: 'CriError' });
      const second = await start(withCode(2), { name: 'app', attempt: 1 });
      const [one, two] = [await ended(first), await ended(second)];
      assert.deepEqual([one.exitCode, two.exitCode], [1, 2]);
      assert.ok(two.createdAtMs > one.createdAtMs);
      assert.equal((await runtime.listContainers({ podSandboxId: id })).length, 2);
    }));

  test('stopping a sandbox kills its containers, removing it removes them', () =>
    withPod('sandbox-first', async ({ runtime, id, start, create, ended }) => {
      const containerId = await start(courses.ignoresStop);
      await runtime.stopPodSandbox(id);
      assert.equal((await ended(containerId)).exitCode, 137);
      await assert.rejects(create(withCode(0), { name: 'late', attempt: 0 }), { name: 'CriError' });
      await runtime.removePodSandbox(id);
      await assert.rejects(runtime.containerStatus(containerId), isNotFound);
    }));
}

function endTests(withPod: WithPod): void {
  test('exit codes and their reasons are kept', () =>
    withPod('codes', async ({ start, ended }) => {
      for (const [code, reason] of [
        [0, 'Completed'],
        [3, 'Error'],
      ] as const) {
        const status = await ended(await start(withCode(code), { name: `exit-${code}`, attempt: 0 }));
        assert.equal(status.exitCode, code);
        assert.equal(status.reason, reason);
      }
    }));

  test('a container that ignores its stop signal is killed after the grace period', () =>
    withPod('killed', async ({ runtime, start, subject }) => {
      const containerId = await start(courses.ignoresStop);
      const beforeMs = subject.clock.monotonicMs();
      await runtime.stopContainer(containerId, 1);
      assert.ok(subject.clock.monotonicMs() - beforeMs >= 950, 'it had its grace period');
      assert.equal((await runtime.containerStatus(containerId)).exitCode, 137);
    }));

  test('without a grace period a container is killed at once', () =>
    withPod('killed-at-once', async ({ runtime, start }) => {
      const containerId = await start(courses.ignoresStop);
      await runtime.stopContainer(containerId, 0);
      assert.equal((await runtime.containerStatus(containerId)).exitCode, 137);
    }));

  test('a program that is not there is a failed start', () =>
    withPod('start-error', async ({ runtime, create }) => {
      const containerId = await create(courses.missing);
      await assert.rejects(runtime.startContainer(containerId), (error: unknown) => {
        assert.ok(error instanceof CriError);
        assert.match(error.message, /no such file or directory/);
        return true;
      });
      const status = await runtime.containerStatus(containerId);
      assert.equal(status.state, 'CONTAINER_EXITED');
      assert.equal(status.exitCode, 128);
      assert.equal(status.reason, 'StartError');
    }));

  test('what a container writes is in its log', () =>
    withPod('log', async ({ start, ended, subject }) => {
      const status = await ended(await start(['sh', '-c', 'echo one; echo two']));
      assert.match(status.logPath, /main_0\.log$/);
      await eventually(subject.clock, 'the log', async () =>
        (await subject.readLog(status)) === 'one\ntwo\n' ? true : undefined,
      );
    }));
}

function listTests(withPod: WithPod): void {
  test('containers are listed by id, sandbox, state and label', () =>
    withPod('list', async ({ runtime, id, config, start, create, ended }) => {
      const labelSelector = { run: config.metadata.uid };
      const running = await start(courses.ignoresStop, { name: 'running', attempt: 0 });
      const created = await create(courses.ignoresStop, { name: 'created', attempt: 0 });
      const exited = await start(withCode(0), { name: 'exited', attempt: 0 });
      await ended(exited);
      const ids = async (filter: Parameters<typeof runtime.listContainers>[0]): Promise<readonly string[]> =>
        (await runtime.listContainers(filter)).map((container) => container.id).toSorted();
      const all = [running, created, exited].toSorted();
      assert.deepEqual(await ids({ podSandboxId: id }), all);
      assert.deepEqual(await ids({ labelSelector }), all);
      assert.deepEqual(await ids({ id: running }), [running]);
      assert.deepEqual(await ids({ labelSelector, state: 'CONTAINER_RUNNING' }), [running]);
      assert.deepEqual(await ids({ labelSelector, state: 'CONTAINER_CREATED' }), [created]);
      assert.deepEqual(await ids({ labelSelector, state: 'CONTAINER_EXITED' }), [exited]);
      const named = { ...labelSelector, 'contract/container': 'running' };
      assert.deepEqual(await ids({ labelSelector: named }), [running]);
    }));

  test('asking for a container that is not there is NotFound', () =>
    withPod('not-found', async ({ runtime, config }) => {
      const missing = 'f'.repeat(64);
      await assert.rejects(runtime.containerStatus(missing), isNotFound);
      await assert.rejects(runtime.startContainer(missing), isNotFound);
      await assert.rejects(runtime.execSync(missing, ['true'], 5), isNotFound);
      const container = { metadata: { name: 'c', attempt: 0 }, image: { image: 'x' } };
      await assert.rejects(runtime.createContainer(missing, container, config), isNotFound);
    }));

  test('an image that is not there makes no container', () =>
    withPod('no-image', async ({ runtime, id, config }) => {
      const container = { metadata: { name: 'c', attempt: 0 }, image: { image: 'k8ts.local/not-there:1' } };
      await assert.rejects(runtime.createContainer(id, container, config), { name: 'CriError' });
    }));

  test('a running container has statistics', () =>
    withPod('stats', async ({ runtime, id, start, subject }) => {
      const containerId = await start(courses.ignoresStop);
      const stats = await eventually(subject.clock, 'statistics', async () => {
        const found = await runtime.containerStats(containerId);
        return found.cpu?.usageCoreNanoSeconds === undefined ? undefined : found;
      });
      assert.equal(stats.attributes.id, containerId);
      assert.ok((stats.memory?.workingSetBytes ?? -1) >= 0);
      const listed = await runtime.listContainerStats({ podSandboxId: id });
      assert.deepEqual(
        listed.map((entry) => entry.attributes.id),
        [containerId],
      );
    }));
}

function execTests(withPod: WithPod): void {
  test('a command runs in a container and its answer comes back', () =>
    withPod('exec', async ({ runtime, start }) => {
      const containerId = await start(courses.ignoresStop);
      const good = await runtime.execSync(containerId, ['echo', 'hello'], 10);
      assert.equal(Buffer.from(good.stdout).toString(), 'hello\n');
      assert.equal(good.exitCode, 0);
      const bad = await runtime.execSync(containerId, ['sh', '-c', 'exit 5'], 10);
      assert.equal(bad.exitCode, 5);
    }));

  test('a command that takes too long is DeadlineExceeded', () =>
    withPod('exec-timeout', async ({ runtime, start }) => {
      const containerId = await start(courses.ignoresStop);
      await assert.rejects(runtime.execSync(containerId, ['sleep', '30'], 1), { code: 'DeadlineExceeded' });
    }));

  test('a container that does not run runs no command', () =>
    withPod('exec-exited', async ({ runtime, start, ended }) => {
      const containerId = await start(withCode(0));
      await ended(containerId);
      await assert.rejects(runtime.execSync(containerId, ['true'], 5), { name: 'CriError' });
    }));
}
