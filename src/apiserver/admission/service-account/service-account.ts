/**
 * ServiceAccount: every pod runs as one, and finds its token, the cluster's certificate authority and its own
 * namespace under a well-known path.
 */

import { pods } from '../../../api/groups/core/pod/pod.ts';
import { serviceAccounts } from '../../../api/groups/core/service-account/service-account.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { randomSuffix } from '../../../api/names/names.ts';
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../../api/types.gen.ts';
import type { Clock, Random } from '../../../host/host.ts';
import type { Store } from '../../../store/store.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

const DEFAULT_ACCOUNT = 'default';
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
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
  readonly random: Random;
}

export function serviceAccountAdmission(parts: ServiceAccountPluginParts): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    mutate: async (request) => {
      const { definition } = request.resource;
      const applies = definition.plural === pods.plural && definition.group === '';
      if (!applies || request.operation !== 'CREATE' || request.target.subresource !== '')
        return request.object;
      return admit(parts, request, request.object as Pod);
    },
  };
}

async function admit(parts: ServiceAccountPluginParts, request: AdmissionRequest, pod: Pod): Promise<Pod> {
  const refuse = (why: string): never => {
    throw forbiddenError(request.resource.subject, pod.metadata.name ?? '', why);
  };
  const given = pod.spec.serviceAccountName ?? pod.spec.serviceAccount ?? '';
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) {
    if (given !== '') refuse('a mirror pod may not reference service accounts');
    return pod;
  }
  const name = given === '' ? DEFAULT_ACCOUNT : given;
  const account = await findAccount(parts, request.target.namespace, name);
  if (account === undefined) {
    const where = `${request.target.namespace}/${name}`;
    return refuse(`error looking up service account ${where}: serviceaccount "${name}" not found`);
  }
  const named: PodSpec = { ...pod.spec, serviceAccountName: name, serviceAccount: name };
  const mounts = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  const spec = withPullSecrets(mounts ? withToken(named, parts.random) : named, account);
  return { ...pod, spec };
}

async function findAccount(
  { store, clock }: ServiceAccountPluginParts,
  namespace: string,
  name: string,
): Promise<ServiceAccount | undefined> {
  const attempts = name === DEFAULT_ACCOUNT ? LOOKUP_ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    const account = lookUp(store, serviceAccounts, namespace, name);
    if (account !== undefined || attempt >= attempts) return account;
    await clock.sleep(LOOKUP_PAUSE_MS);
  }
}

function withPullSecrets(spec: PodSpec, { imagePullSecrets = [] }: ServiceAccount): PodSpec {
  if ((spec.imagePullSecrets ?? []).length > 0 || imagePullSecrets.length === 0) return spec;
  return { ...spec, imagePullSecrets };
}

function withToken(spec: PodSpec, random: Random): PodSpec {
  const volumes = spec.volumes ?? [];
  const present = volumes.find(({ name }) => name.startsWith(VOLUME_PREFIX))?.name;
  const name = present ?? VOLUME_PREFIX + randomSuffix(5, (bound) => random.integer(bound));
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
