/**
 * ServiceAccount: every pod runs as one, and finds its token, the cluster's certificate authority and its own
 * namespace under a well-known path.
 *
 * The volume has a name of its own for every account, where upstream takes a random one for every pod: so
 * replicas stay equal, and what is equal is stored, judged and scheduled as one.
 */

import { bySpecWith } from '../../../api/groups/core/pod/by-spec.ts';
import { serviceAccounts } from '../../../api/groups/core/service-account/service-account.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { suffixOf } from '../../../api/names/names.ts';
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../../api/types.gen.ts';
import type { Clock } from '../../../host/host.ts';
import type { Store } from '../../../store/store.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

const DEFAULT_ACCOUNT = 'default';
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
const SUFFIX_LENGTH = 5;
const ROOT_CERTIFICATE = 'kube-root-ca.crt';
/** An hour and seven seconds: the number marks tokens that pods got without asking. */
const TOKEN_SECONDS = 3607;
const FILE_MODE = 0o644;
/** A namespace is a moment older than its default account; the first pods wait for it. */
const LOOKUP_ATTEMPTS = 10;
const LOOKUP_PAUSE_MS = 100;

export interface ServiceAccountPluginParts {
  readonly store: Store<KubernetesObject>;
  readonly clock: Clock;
}

export function serviceAccountAdmission(parts: ServiceAccountPluginParts): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    kinds: ['/pods'],
    mutate: (request) =>
      request.operation === 'CREATE' && request.target.subresource === ''
        ? admit(parts, request, request.object as Pod)
        : request.object,
  };
}

function admit(parts: ServiceAccountPluginParts, request: AdmissionRequest, pod: Pod): Pod | Promise<Pod> {
  const refuse = (why: string): never => {
    throw forbiddenError(request.resource.subject, pod.metadata.name ?? '', why);
  };
  const given = pod.spec.serviceAccountName ?? pod.spec.serviceAccount ?? '';
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) {
    if (given !== '') refuse('a mirror pod may not reference service accounts');
    return pod;
  }
  const name = given === '' ? DEFAULT_ACCOUNT : given;
  const { namespace } = request.target;
  const runAs = (account: ServiceAccount | undefined): Pod =>
    account === undefined
      ? refuse(`error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`)
      : { ...pod, spec: withAccount(pod.spec, account) };
  const known = lookUp(parts.store, serviceAccounts, namespace, name);
  if (known !== undefined || name !== DEFAULT_ACCOUNT) return runAs(known);
  return waitForDefaultAccount(parts, namespace).then(runAs);
}

const withAccount = bySpecWith((spec, account: ServiceAccount): PodSpec => {
  const { name = '', uid = '' } = account.metadata;
  const named: PodSpec = { ...spec, serviceAccountName: name, serviceAccount: name };
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return withPullSecrets(
    mounts ? withToken(named, VOLUME_PREFIX + suffixOf(uid, SUFFIX_LENGTH)) : named,
    account,
  );
});

async function waitForDefaultAccount(
  { store, clock }: ServiceAccountPluginParts,
  namespace: string,
): Promise<ServiceAccount | undefined> {
  for (let attempt = 1; attempt < LOOKUP_ATTEMPTS; attempt++) {
    await clock.sleep(LOOKUP_PAUSE_MS);
    const account = lookUp(store, serviceAccounts, namespace, DEFAULT_ACCOUNT);
    if (account !== undefined) return account;
  }
  return undefined;
}

function withPullSecrets(spec: PodSpec, { imagePullSecrets = [] }: ServiceAccount): PodSpec {
  if ((spec.imagePullSecrets ?? []).length > 0 || imagePullSecrets.length === 0) return spec;
  return { ...spec, imagePullSecrets };
}

function withToken(spec: PodSpec, volumeName: string): PodSpec {
  const volumes = spec.volumes ?? [];
  const present = volumes.find(({ name }) => name.startsWith(VOLUME_PREFIX))?.name;
  const name = present ?? volumeName;
  const mount = (container: Container): Container => withMount(container, name);
  const containers = spec.containers.map(mount);
  const initContainers = spec.initContainers?.map(mount);
  const isUsed = [...containers, ...(initContainers ?? [])].some((container) =>
    (container.volumeMounts ?? []).some((volumeMount) => volumeMount.name === name),
  );
  return {
    ...spec,
    containers,
    ...(initContainers === undefined ? {} : { initContainers }),
    ...(isUsed && present === undefined ? { volumes: [...volumes, tokenVolume(name)] } : {}),
  };
}

/** What the pod mounts there by itself stays. */
function withMount(container: Container, volume: string): Container {
  const mounts = container.volumeMounts ?? [];
  if (mounts.some(({ mountPath }) => mountPath === MOUNT_PATH)) return container;
  return { ...container, volumeMounts: [...mounts, { name: volume, readOnly: true, mountPath: MOUNT_PATH }] };
}

function tokenVolume(name: string): Volume {
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' };
  return {
    name,
    projected: {
      defaultMode: FILE_MODE,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: ROOT_CERTIFICATE, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
      ],
    },
  };
}
