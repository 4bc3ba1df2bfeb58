/**
 * The suite that every `ContainerRuntime` passes: lifecycles, codes, filters, errors, idempotence.
 *
 * Input: a subject, which is a runtime with an image that has a POSIX shell, and ways to see what only the
 * outside can see (logs). Each test runs a sandbox of its own and removes it.
 */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { containerContract } from './contract-containers.ts';
import { type ContractSubject, runPod, type WithPod } from './contract-pod.ts';
import { isNotFound } from './cri.ts';

/** Registers the suite. `setUp` is called once, before the first test; it owns the cleaning up. */
export function runtimeContract(name: string, setUp: () => Promise<ContractSubject>): void {
  let ready: Promise<ContractSubject> | undefined;
  const subject = (): Promise<ContractSubject> => (ready ??= setUp());
  const withPod: WithPod = async (podName, use) => {
    const pod = await runPod(await subject(), podName);
    try {
      await use(pod);
    } finally {
      await pod.runtime.removePodSandbox(pod.id);
    }
  };
  describe(`${name}: runtime contract`, () => {
    runtimeTests(subject);
    sandboxTests(subject, withPod);
    containerContract(withPod);
    imageTests(subject);
  });
}

function runtimeTests(subject: () => Promise<ContractSubject>): void {
  test('tells its version and that it is ready', async () => {
    const { runtime } = await subject();
    const version = await runtime.version();
    assert.equal(version.runtimeApiVersion, 'v1');
    assert.notEqual(version.runtimeName, '');
    const { conditions } = await runtime.status();
    for (const type of ['RuntimeReady', 'NetworkReady']) {
      const condition = conditions.find((candidate) => candidate.type === type);
      assert.equal(condition?.status, true, `${type}: ${condition?.reason} ${condition?.message}`);
    }
  });
}

function sandboxTests(subject: () => Promise<ContractSubject>, withPod: WithPod): void {
  test('a sandbox is ready, has an address and says what it was made of', () =>
    withPod('sandbox', async ({ runtime, id, config }) => {
      const status = await runtime.podSandboxStatus(id);
      assert.equal(status.id, id);
      assert.equal(status.state, 'SANDBOX_READY');
      assert.deepEqual(status.metadata, config.metadata);
      assert.deepEqual(status.labels, config.labels);
      assert.deepEqual(status.annotations, config.annotations);
      assert.match(status.network?.ip ?? '', /^\d+\.\d+\.\d+\.\d+$/);
      assert.ok(status.createdAtMs > Date.UTC(2020, 0), 'its creation time is in milliseconds since 1970');
    }));

  test('two sandboxes have two addresses', () =>
    withPod('first', (first) =>
      withPod('second', async (second) => {
        const [one, two] = await Promise.all(
          [first, second].map((pod) => pod.runtime.podSandboxStatus(pod.id)),
        );
        assert.notEqual(one?.network?.ip, two?.network?.ip);
      }),
    ));

  test('a sandbox on the host network has no address of its own', async () => {
    const { runtime, sandboxConfig } = await subject();
    // It has the host's name too, and may not set another.
    const { hostname: _, ...base } = sandboxConfig('host-network');
    const id = await runtime.runPodSandbox({
      ...base,
      metadata: { name: 'host-network', uid: 'host-network', namespace: 'contract', attempt: 0 },
      linux: {
        ...base.linux,
        securityContext: { namespaceOptions: { network: 'NODE', pid: 'CONTAINER', ipc: 'POD' } },
      },
    });
    try {
      const status = await runtime.podSandboxStatus(id);
      assert.equal(status.network?.ip ?? '', '');
      assert.equal(status.namespaceOptions?.network, 'NODE');
    } finally {
      await runtime.removePodSandbox(id);
    }
  });

  test('sandboxes are listed by id, state and label', () =>
    withPod('listed', async ({ runtime, id, config }) => {
      const ids = async (filter: Parameters<typeof runtime.listPodSandbox>[0]): Promise<readonly string[]> =>
        (await runtime.listPodSandbox(filter)).map((sandbox) => sandbox.id);
      const labelSelector = { run: config.metadata.uid };
      assert.ok((await ids(undefined)).includes(id));
      assert.deepEqual(await ids({ id }), [id]);
      assert.deepEqual(await ids({ labelSelector }), [id]);
      assert.deepEqual(await ids({ labelSelector, state: 'SANDBOX_READY' }), [id]);
      assert.deepEqual(await ids({ labelSelector, state: 'SANDBOX_NOTREADY' }), []);
      assert.deepEqual(await ids({ labelSelector: { ...labelSelector, other: 'x' } }), []);
    }));

  test('the same sandbox cannot run twice, its next attempt can', () =>
    withPod('twice', async ({ runtime, id, config }) => {
      await assert.rejects(runtime.runPodSandbox(config), { name: 'CriError' });
      await runtime.stopPodSandbox(id);
      const next = await runtime.runPodSandbox({ ...config, metadata: { ...config.metadata, attempt: 1 } });
      const [old, fresh] = [await runtime.podSandboxStatus(id), await runtime.podSandboxStatus(next)];
      assert.ok(fresh.createdAtMs > old.createdAtMs);
      await runtime.removePodSandbox(next);
    }));

  test('stopping and removing a sandbox is idempotent', () =>
    withPod('idempotent', async ({ runtime, id }) => {
      await runtime.stopPodSandbox(id);
      await runtime.stopPodSandbox(id);
      assert.equal((await runtime.podSandboxStatus(id)).state, 'SANDBOX_NOTREADY');
      await runtime.removePodSandbox(id);
      await runtime.removePodSandbox(id);
      await runtime.stopPodSandbox(id);
      await assert.rejects(runtime.podSandboxStatus(id), isNotFound);
      assert.deepEqual(await runtime.listPodSandbox({ id }), []);
    }));
}

function imageTests(subject: () => Promise<ContractSubject>): void {
  test('an image that is there is described and listed', async () => {
    const { runtime, image } = await subject();
    const found = await runtime.imageStatus({ image });
    assert.ok(found !== undefined);
    assert.match(found.id, /^sha256:[0-9a-f]{64}$/);
    assert.ok(found.size > 0);
    assert.ok((await runtime.listImages()).some(({ id }) => id === found.id));
    assert.equal((await runtime.imageStatus({ image: found.id }))?.id, found.id);
  });

  test('an image that is not there is undefined, and removing it is a success', async () => {
    const { runtime } = await subject();
    const missing = { image: 'k8ts.local/not-there:1' };
    assert.equal(await runtime.imageStatus(missing), undefined);
    await runtime.removeImage(missing);
  });

  test('an image can be removed', async () => {
    const { runtime, addDisposableImage } = await subject();
    const image = { image: await addDisposableImage() };
    assert.ok((await runtime.imageStatus(image)) !== undefined);
    await runtime.removeImage(image);
    assert.equal(await runtime.imageStatus(image), undefined);
  });

  test('the image filesystem is described', async () => {
    const { runtime } = await subject();
    const { imageFilesystems } = await runtime.imageFsInfo();
    assert.ok(imageFilesystems.length > 0);
    assert.notEqual(imageFilesystems[0]?.mountpoint ?? '', '');
  });
}
