/**
 * The environment of a container; pure. Later sources win: `envFrom` in its order, then `env`; variables of
 * services fill what is still free. Values may refer to what was defined before them.
 *
 * Outputs: the variables, or why there are none (the text of a CreateContainerConfigError).
 */

import type {
  ConfigMap,
  Container,
  EnvFromSource,
  EnvVarSource,
  Pod,
  Secret,
  Service,
} from '../../api/types.gen.ts';
import type { KeyValue } from '../cri/messages.ts';
import { containerOf, fieldValue, resourceValue, type PodFacts, type Value } from './downward.ts';
import { expand } from './expand.ts';
import { serviceEnvironment } from './service-env.ts';

export interface EnvironmentView extends PodFacts {
  readonly container: Container;
  /** Those of the pod's namespace, and `default/kubernetes`. */
  readonly services: readonly Service[];
  /** By name, of the pod's namespace; what is not in them does not exist. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  readonly secrets: ReadonlyMap<string, Secret>;
}

export type Environment =
  | { readonly type: 'ok'; readonly variables: readonly KeyValue[] }
  | { readonly type: 'failed'; readonly message: string };

/** What has to be fetched before `buildEnvironment`. */
export function referencedObjects(container: Container): {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
} {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef?.name !== undefined) configMaps.add(configMapRef.name);
    if (secretRef?.name !== undefined) secrets.add(secretRef.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef?.name !== undefined) configMaps.add(valueFrom.configMapKeyRef.name);
    if (valueFrom?.secretKeyRef?.name !== undefined) secrets.add(valueFrom.secretKeyRef.name);
  }
  return { configMaps: [...configMaps], secrets: [...secrets] };
}

export function buildEnvironment(view: EnvironmentView): Environment {
  const { container, pod } = view;
  const found = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const values = valuesFrom(view, source);
    if ('error' in values) return { type: 'failed', message: values.error };
    for (const [key, value] of values.entries) found.set(`${source.prefix ?? ''}${key}`, value);
  }
  const links = serviceEnvironment(visibleServices(pod, view.services));
  const lookup = (name: string): string | undefined => found.get(name) ?? links.get(name);
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      found.set(name, expand(value ?? '', lookup));
      continue;
    }
    const resolved = valueOf(view, valueFrom);
    if (resolved === undefined) continue;
    if ('error' in resolved) return { type: 'failed', message: resolved.error };
    found.set(name, resolved.value);
  }
  for (const [name, value] of links) if (!found.has(name)) found.set(name, value);
  return { type: 'ok', variables: [...found].map(([key, value]) => ({ key, value })) };
}

/** The API server is always visible; the namespace's own services only with `enableServiceLinks`. */
function visibleServices({ metadata, spec }: Pod, services: readonly Service[]): readonly Service[] {
  const isMaster = (service: Service): boolean =>
    service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes';
  const own = services.filter(
    (service) => service.metadata.namespace === metadata.namespace && !isMaster(service),
  );
  return [...services.filter(isMaster), ...(spec.enableServiceLinks === false ? [] : own)];
}

type Entries = { readonly entries: Iterable<readonly [string, string]> } | { readonly error: string };

function valuesFrom({ configMaps, secrets }: EnvironmentView, source: EnvFromSource): Entries {
  const { configMapRef, secretRef } = source;
  if (configMapRef !== undefined) {
    const { name = '', optional } = configMapRef;
    const configMap = configMaps.get(name);
    if (configMap !== undefined) return { entries: Object.entries(configMap.data ?? {}) };
    return optional === true ? { entries: [] } : { error: `configmap "${name}" not found` };
  }
  if (secretRef === undefined) return { entries: [] };
  const { name = '', optional } = secretRef;
  const secret = secrets.get(name);
  if (secret === undefined)
    return optional === true ? { entries: [] } : { error: `secret "${name}" not found` };
  return { entries: Object.entries(secret.data ?? {}).map(([key, data]) => [key, decode(data)] as const) };
}

/** Undefined: an optional source is not there, so the variable is not either. */
function valueOf(view: EnvironmentView, source: EnvVarSource): Value | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  if (fieldRef !== undefined) return fieldValue(view, fieldRef);
  if (resourceFieldRef !== undefined) {
    const name = resourceFieldRef.containerName ?? '';
    const container = name === '' ? view.container : containerOf(view.pod, name);
    if (container === undefined) return { error: `container ${name} not found` };
    return resourceValue(view, container, resourceFieldRef);
  }
  const { namespace = '' } = view.pod.metadata;
  if (configMapKeyRef !== undefined) {
    const { name = '', key, optional = false } = configMapKeyRef;
    const configMap = view.configMaps.get(name);
    const value = configMap?.data?.[key];
    if (value !== undefined) return { value };
    if (optional) return undefined;
    if (configMap === undefined) return { error: `configmap "${name}" not found` };
    return { error: `couldn't find key ${key} in ConfigMap ${namespace}/${name}` };
  }
  if (secretKeyRef === undefined) return { error: 'the source of the variable is not supported' };
  const { name = '', key, optional = false } = secretKeyRef;
  const secret = view.secrets.get(name);
  const value = secret?.data?.[key];
  if (value !== undefined) return { value: decode(value) };
  if (optional) return undefined;
  if (secret === undefined) return { error: `secret "${name}" not found` };
  return { error: `couldn't find key ${key} in Secret ${namespace}/${name}` };
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
