/**
 * Makes sure of the flow schemas and priority levels of `default-objects.ts`, at the start and every minute.
 * What is missing is created. The mandatory ones are brought back to what they must be; the suggested ones
 * follow the annotation `apf.kubernetes.io/autoupdate-spec`, or, without it, whether anybody has changed them.
 * Objects with the annotation that are no longer among the defaults are removed. Rules are upstream's
 * (`registry/flowcontrol/ensurer`).
 */

import { flowSchemas } from '../../api/groups/flowcontrol/flow-schema/flow-schema.ts';
import {
  EXEMPT,
  MANDATORY_FLOW_SCHEMAS,
  MANDATORY_PRIORITY_LEVELS,
  type NamedSpec,
} from '../../api/groups/flowcontrol/mandatory-objects.ts';
import { priorityLevelConfigurations } from '../../api/groups/flowcontrol/priority-level-configuration/priority-level-configuration.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { Draft, KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { PriorityLevelConfigurationSpec } from '../../api/types.gen.ts';
import { errorText, type Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { Informers } from '../../client/informer/informer.ts';
import type { Clock } from '../../host/host.ts';
import { AUTO_UPDATE_ANNOTATION, DEFAULT_FLOW_SCHEMAS, DEFAULT_PRIORITY_LEVELS } from './default-objects.ts';

const EVERY_MS = 60_000;
const FIELD_MANAGER = 'api-priority-and-fairness-config-producer-v1';

type Configured<S> = KubernetesObject & { readonly spec: S };

const MANDATORY: ReadonlySet<NamedSpec<unknown>> = new Set([
  ...MANDATORY_FLOW_SCHEMAS,
  ...MANDATORY_PRIORITY_LEVELS,
]);

export async function ensureFlowObjects(client: Client): Promise<void> {
  // Levels first, so that no schema points nowhere.
  await ensureAll(client, priorityLevelConfigurations, DEFAULT_PRIORITY_LEVELS);
  await ensureAll(client, flowSchemas, DEFAULT_FLOW_SCHEMAS);
}

/** A while after each change of them, until `signal` aborts. */
export async function keepFlowObjects(
  client: Client,
  informers: Informers,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let isTouched = true;
  let wake = (): void => {};
  const touch = (): void => {
    isTouched = true;
    wake();
  };
  informers.of(priorityLevelConfigurations).subscribe(touch);
  informers.of(flowSchemas).subscribe(touch);
  signal.addEventListener('abort', touch, { once: true });
  for (;;) {
    if (!isTouched) await new Promise<void>((resolve) => (wake = resolve));
    await clock.sleep(EVERY_MS, signal);
    if (signal.aborted) return;
    isTouched = false;
    try {
      await ensureFlowObjects(client);
    } catch (error) {
      isTouched = true;
      logger.warn(`flow schemas and priority levels could not be kept: ${errorText(error)}`, { error });
    }
  }
}

async function ensureAll<S>(
  client: Client,
  type: ResourceType<Configured<S>>,
  defaults: readonly NamedSpec<S>[],
): Promise<void> {
  const { items } = await client.list(type);
  const current = new Map(items.map((object) => [object.metadata.name ?? '', object]));
  const ensure = async (own: NamedSpec<S>): Promise<void> => {
    const object = current.get(own.name);
    if (object === undefined) return create(client, type, own);
    const next = revise(object, own, MANDATORY.has(own));
    if (next !== undefined) await update(client, type, next);
  };
  const names = new Set(defaults.map(({ name }) => name));
  const isOutdated = ([name, object]: [string, Configured<S>]): boolean =>
    !names.has(name) && autoUpdate(object) === true;
  const outdated = [...current].filter(isOutdated).map(([name]) => name);
  // All at once: their writes share a few commits.
  await Promise.all([...defaults.map(ensure), ...outdated.map((name) => remove(client, type, name))]);
}

/** The object as it should be; undefined when it is so. Pure. */
export function revise<S>(
  current: Configured<S>,
  own: NamedSpec<S>,
  isMandatory: boolean,
): Configured<S> | undefined {
  const annotated = autoUpdate(current);
  const keeps = isMandatory || (annotated ?? current.metadata.generation === 1);
  const spec = keeps ? wantedSpec(current, own) : current.spec;
  if (annotated === keeps && deepEqual(spec, current.spec)) return undefined;
  const annotations = { ...current.metadata.annotations, [AUTO_UPDATE_ANNOTATION]: String(keeps) };
  return { ...current, metadata: { ...current.metadata, annotations }, spec };
}

/** How many shares the exempt level has is the administrators' to say. */
function wantedSpec<S>(current: Configured<S>, { name, spec }: NamedSpec<S>): S {
  const { exempt } = current.spec as Partial<PriorityLevelConfigurationSpec>;
  return name === EXEMPT && exempt !== undefined ? { ...spec, exempt } : spec;
}

/** The words that upstream takes for a boolean. */
function autoUpdate({ metadata }: KubernetesObject): boolean | undefined {
  const value = metadata.annotations?.[AUTO_UPDATE_ANNOTATION] ?? '';
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(value) ? false : undefined;
}

async function create<S>(
  client: Client,
  type: ResourceType<Configured<S>>,
  { name, spec }: NamedSpec<S>,
): Promise<void> {
  const metadata = { name, annotations: { [AUTO_UPDATE_ANNOTATION]: 'true' } };
  const draft = { metadata, spec } as unknown as Draft<Configured<S>>;
  await unless('AlreadyExists', client.create(type, draft, { fieldManager: FIELD_MANAGER }));
}

async function update<S>(
  client: Client,
  type: ResourceType<Configured<S>>,
  object: Configured<S>,
): Promise<void> {
  await unless('Conflict', client.update(type, object, { fieldManager: FIELD_MANAGER }));
}

async function remove<S>(client: Client, type: ResourceType<Configured<S>>, name: string): Promise<void> {
  await unless('NotFound', client.delete(type, { name }));
}

/** Somebody else was faster: the next round looks again. */
async function unless(
  reason: 'AlreadyExists' | 'Conflict' | 'NotFound',
  done: Promise<unknown>,
): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!isApiError(error, reason)) throw error;
  }
}
