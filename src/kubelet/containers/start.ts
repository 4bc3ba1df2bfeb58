/**
 * Starting things: a pod's sandbox, and one attempt at a container (image, configuration, create, start,
 * postStart).
 *
 * Outputs: undefined for success, else the waiting reason with upstream's words and the time of the next
 * attempt; events tell the same. Invariant: nothing is thrown for what can go wrong on a node, only for
 * bugs.
 */

import { errorText } from '../../base/log.ts';
import type { ConfigMap, Pod, Secret } from '../../api/types.gen.ts';
import type { Image, KeyValue, Mount, PodSandboxConfig, PodSandboxStatus } from '../cri/messages.ts';
import { CriError } from '../cri/cri.ts';
import type { PodFacts } from '../env/downward.ts';
import { buildEnvironment, referencedObjects } from '../env/env.ts';
import { ImageMountError } from '../image-volumes/image-mount.ts';
import type { ImageVolumes } from '../image-volumes/image-volumes.ts';
import { rpcText, type ImageOutcome } from '../images/pull.ts';
import { latestOf, podAddresses, type ObservedPod } from '../pods/observed-pod.ts';
import type { StartFailure } from '../pods/plan.ts';
import type { PodContainer } from '../pods/pod-containers.ts';
import { podFolder, podLogFolder, podName, podText } from '../pods/pod-names.ts';
import { CONFIG_MAPS, SECRETS } from '../resource-types.ts';
import { containerMounts, readOnlyVolumes } from '../volumes/container-mounts.ts';
import { VolumeError } from '../volumes/volumes.ts';
import { containerConfig } from './container-config.ts';
import { runHook } from './hooks.ts';
import { hostsFile } from './hosts-file.ts';
import type { NodeContext } from './node-context.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { nonRootProblem } from './security.ts';

/** Upstream's workers come back after 10 s on errors. */
const RETRY_MS = 10_000;
const RETRY_MIN_MS = 1_000;
const PULL_RETRY_MAX_MS = 300_000;

export interface StartRequest {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly previous: StartFailure | undefined;
  readonly signal: AbortSignal;
}

export function podFacts(context: NodeContext, pod: Pod, observed: ObservedPod): PodFacts {
  const { nodeIps } = context.settings;
  const podIps = pod.spec.hostNetwork === true ? nodeIps : podAddresses(observed);
  return { pod, hostIps: nodeIps, podIps, allocatable: context.allocatable };
}

async function currentSandboxConfig(
  context: NodeContext,
  pod: Pod,
  attempt: number,
): Promise<PodSandboxConfig> {
  const { system, settings, cgroups } = context;
  const resolvConf = await system.files.read('/etc/resolv.conf');
  return sandboxConfig(pod, attempt, {
    logsFolder: settings.logsFolder,
    dns: settings.dns,
    hostResolvConf: Buffer.from(resolvConf ?? []).toString(),
    cgroupParent: cgroups.parentOf(pod),
  });
}

/** Volumes first: a pod whose volumes cannot be made gets no sandbox. */
export async function runSandbox(
  context: NodeContext,
  { pod, observed, previous, signal }: StartRequest,
  attempt: number,
): Promise<StartFailure | undefined> {
  const { system, settings, runtime, host, volumes, cgroups } = context;
  const fail = (reason: string, message: string): StartFailure => {
    context.tell(pod, undefined, 'Warning', reason, message);
    return failure(host.clock.now(), reason, message, backedOff(previous, RETRY_MIN_MS, RETRY_MS));
  };
  try {
    await system.files.makeFolder(podFolder(settings.rootFolder, observed.uid), 0o750);
    await system.files.makeFolder(podLogFolder(settings.logsFolder, podName(pod)), 0o755);
    await volumes.mount(podFacts(context, pod, observed));
    await cgroups.create(pod);
  } catch (error) {
    if (error instanceof VolumeError) return fail('FailedMount', error.message);
    return fail('FailedCreatePodContainer', errorText(error));
  }
  if (signal.aborted) return undefined;
  try {
    const config = await currentSandboxConfig(context, pod, attempt);
    const handler = pod.spec.runtimeClassName ?? '';
    await context.limited(() => runtime.runPodSandbox(config, handler, signal));
    return undefined;
  } catch (error) {
    if (signal.aborted) return undefined;
    return fail('FailedCreatePodSandBox', `Failed to create pod sandbox: ${rpcText(error)}`);
  }
}

export async function startContainer(
  context: NodeContext,
  request: StartRequest,
  sandbox: PodSandboxStatus,
  entry: PodContainer,
  attempt: number,
): Promise<StartFailure | undefined> {
  const { pod, previous, signal } = request;
  const { host } = context;
  const { container } = entry;
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    context.tell(pod, entry, type, reason, message);
  const config = await currentSandboxConfig(context, pod, sandbox.metadata.attempt);
  const secrets = await pullSecrets(context, pod);
  const wanted = { secrets, sandbox: config, signal };
  const imageFailed = (
    { reason, message }: Extract<ImageOutcome, { readonly type: 'failed' }>,
    ofVolume: { readonly image?: string },
  ): StartFailure => {
    tell('Warning', 'Failed', `Error: ${reason}`);
    const delayMs = backedOff(previous, RETRY_MS, PULL_RETRY_MAX_MS);
    const isPull = reason === 'ErrImagePull';
    return { ...failure(host.clock.now(), reason, message, delayMs), isPull, ...ofVolume };
  };
  const volumes = await context.imageVolumes.pull(pod, container, {
    ...wanted,
    tell: (...said) => context.tell(pod, undefined, ...said),
  });
  if (signal.aborted) return undefined;
  if (volumes.type === 'failed') return imageFailed(volumes, { image: volumes.image });
  const { image: name = '', imagePullPolicy: policy } = container;
  const image = await context.images.ensure({ ...wanted, image: name, policy, tell });
  if (signal.aborted) return undefined;
  if (image.type === 'failed') return imageFailed(image, {});
  const prepared = await prepare(context, request, entry, image.image, volumes.images);
  if (prepared.type === 'failed') {
    tell('Warning', 'Failed', `Error: ${prepared.message}`);
    return failure(host.clock.now(), prepared.reason, prepared.message, RETRY_MS);
  }
  if (signal.aborted) return undefined;
  return createAndStart(context, request, sandbox, entry, tell, config, {
    pod,
    entry,
    attempt,
    imageRef: image.imageRef,
    image: image.image,
    environment: prepared.environment,
    mounts: prepared.mounts,
    machineMemoryBytes: context.machine.memoryBytes,
    seccompFolder: `${context.settings.rootFolder}/seccomp`,
    targetId: targetOf(request.observed, entry),
  });
}

async function createAndStart(
  context: NodeContext,
  { pod, observed, signal }: StartRequest,
  sandbox: PodSandboxStatus,
  entry: PodContainer,
  tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void,
  sandboxConfiguration: PodSandboxConfig,
  inputs: Parameters<typeof containerConfig>[0],
): Promise<StartFailure | undefined> {
  const { host, runtime, system, settings } = context;
  const { container } = entry;
  const failed = (reason: string, error: unknown, delayMs: number): StartFailure => {
    const message = error instanceof CriError ? error.message : errorText(error);
    tell('Warning', 'Failed', `Error: ${message}`);
    return failure(host.clock.now(), reason, message, delayMs);
  };
  let id: string;
  try {
    const logFolder = podLogFolder(settings.logsFolder, podName(pod));
    await system.files.makeFolder(`${logFolder}/${container.name}`, 0o755);
    id = await runtime.createContainer(sandbox.id, containerConfig(inputs), sandboxConfiguration);
  } catch (error) {
    return failed('CreateContainerError', error, RETRY_MS);
  }
  tell('Normal', 'Created', 'Container created');
  try {
    await runtime.startContainer(id);
  } catch (error) {
    return { ...failed('RunContainerError', error, RETRY_MIN_MS), hasRun: true };
  }
  tell('Normal', 'Started', 'Container started');
  const postStart = container.lifecycle?.postStart;
  if (postStart === undefined) return undefined;
  const [podIp = ''] = podFacts(context, pod, observed).podIps;
  const problem = await runHook(context, postStart, { container, containerId: id, podIp }, undefined, signal);
  if (problem === undefined || signal.aborted) return undefined;
  tell('Warning', 'FailedPostStartHook', 'PostStartHook failed');
  const message = `Container ${container.name} failed postStart hook`;
  tell('Normal', 'Killing', message);
  await runtime.stopContainer(id, pod.spec.terminationGracePeriodSeconds ?? 30, signal);
  return { ...failure(host.clock.now(), 'PostStartHookError', problem, RETRY_MIN_MS), hasRun: true };
}

type Prepared =
  | { readonly type: 'ok'; readonly environment: readonly KeyValue[]; readonly mounts: readonly Mount[] }
  | {
      readonly type: 'failed';
      readonly reason: 'CreateContainerConfigError' | 'CreateContainerError';
      readonly message: string;
    };

async function prepare(
  context: NodeContext,
  { pod, observed }: StartRequest,
  { container }: PodContainer,
  image: Image | undefined,
  volumeImages: Parameters<ImageVolumes['show']>[1],
): Promise<Prepared> {
  const failed = (message: string): Prepared => ({
    type: 'failed',
    reason: 'CreateContainerConfigError',
    message,
  });
  const problem = nonRootProblem(pod, container, image, podText(pod));
  if (problem !== undefined) return failed(problem);
  const facts = podFacts(context, pod, observed);
  const { namespace, uid } = podName(pod);
  try {
    const names = referencedObjects(container);
    const configMaps = new Map<string, ConfigMap>();
    const secrets = new Map<string, Secret>();
    for (const name of names.configMaps) {
      const found = await context.references.get(CONFIG_MAPS, namespace, name, uid);
      if (found !== undefined) configMaps.set(name, found);
    }
    for (const name of names.secrets) {
      const found = await context.references.get(SECRETS, namespace, name, uid);
      if (found !== undefined) secrets.set(name, found);
    }
    const services = context.services(namespace);
    const built = buildEnvironment({ ...facts, container, services, configMaps, secrets });
    if (built.type === 'failed') return failed(built.message);
    const { paths } = await context.volumes.mount(facts);
    const mounts = [
      ...(await containerMounts(
        context.system.files,
        container,
        paths,
        await context.imageVolumes.show(pod, volumeImages),
        built.variables,
        readOnlyVolumes(pod),
      )),
      ...(await ownMounts(context, facts, container)),
    ];
    return { type: 'ok', environment: built.variables, mounts };
  } catch (error) {
    if (error instanceof ImageMountError)
      return { type: 'failed', reason: 'CreateContainerError', message: error.message };
    return failed(error instanceof VolumeError ? error.message : errorText(error));
  }
}

/** /etc/hosts and the file for the termination message, unless the container brings its own. */
async function ownMounts(
  context: NodeContext,
  facts: PodFacts,
  container: PodContainer['container'],
): Promise<readonly Mount[]> {
  const { system, settings, host } = context;
  const { files } = system;
  const folder = podFolder(settings.rootFolder, facts.pod.metadata.uid ?? '');
  const mounts: Mount[] = [];
  const mounted = (path: string): boolean =>
    (container.volumeMounts ?? []).some(({ mountPath }) => mountPath === path);
  if (!mounted('/etc/hosts')) {
    const hostHosts = Buffer.from((await files.read('/etc/hosts')) ?? []).toString();
    const text = hostsFile(facts.pod, facts.podIps, settings.dns.domain, hostHosts);
    await files.makeFolder(folder, 0o750);
    await files.write(`${folder}/etc-hosts`, text, 0o644);
    mounts.push({ containerPath: '/etc/hosts', hostPath: `${folder}/etc-hosts` });
  }
  const messagePath = container.terminationMessagePath ?? '';
  if (messagePath !== '' && !mounted(messagePath)) {
    const name = Buffer.from(host.random.bytes(4)).toString('hex');
    const path = `${folder}/containers/${container.name}/${name}`;
    await files.makeFolder(`${folder}/containers/${container.name}`, 0o750);
    await files.write(path, '', 0o666);
    mounts.push({ containerPath: messagePath, hostPath: path });
  }
  return mounts;
}

async function pullSecrets(context: NodeContext, pod: Pod): Promise<readonly Secret[]> {
  const { namespace, uid } = podName(pod);
  const found: Secret[] = [];
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    try {
      const secret = await context.references.get(SECRETS, namespace, name, uid);
      if (secret !== undefined) found.push(secret);
    } catch (error) {
      // The image may be public or there already; a refused pull will say more.
      context.logger.warn(`cannot read pull secret ${namespace}/${name}: ${errorText(error)}`);
    }
  }
  return found;
}

function targetOf(observed: ObservedPod, { role, container }: PodContainer): string | undefined {
  if (role !== 'ephemeral' || !('targetContainerName' in container)) return undefined;
  const { targetContainerName } = container;
  return typeof targetContainerName === 'string' ? latestOf(observed, targetContainerName)?.id : undefined;
}

function failure(nowMs: number, reason: string, message: string, delayMs: number): StartFailure {
  return { reason, message, isPull: false, hasRun: false, atMs: nowMs, retryAtMs: nowMs + delayMs };
}

/** Twice the delay before, within the bounds. */
function backedOff(previous: StartFailure | undefined, minMs: number, maxMs: number): number {
  if (previous === undefined) return minMs;
  return Math.min(Math.max((previous.retryAtMs - previous.atMs) * 2, minMs), maxMs);
}
