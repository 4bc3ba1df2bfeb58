/** Every group-version that this server serves has an APIService, so that all of them are found in one place. */

import {
  AGGREGATOR_GROUP,
  builtInPriority,
  isReplaceable,
  CUSTOM_PRIORITY,
} from '../../api/groups/apiregistration/priorities.ts';
import { apiServices } from '../../api/groups/apiregistration/api-service/api-service.ts';
import { customResourceDefinitions } from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { APIService, CustomResourceDefinition } from '../../api/types.gen.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { AUTOMANAGED, planRegistration, type Wanted } from './plan.ts';

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** `builtIn`: what this server serves without definitions. */
export function apiServiceRegistrationController(builtIn: readonly GroupVersion[]): ControllerDefinition {
  return {
    name: 'api-service-registration-controller',
    permissions: [
      {
        apiGroups: [AGGREGATOR_GROUP],
        resources: ['apiservices'],
        verbs: ['create', 'delete', 'get', 'list', 'update', 'watch'],
      },
      {
        apiGroups: [customResourceDefinitions.group],
        resources: [customResourceDefinitions.plural],
        verbs: ['get', 'list', 'watch'],
      },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    build: ({ client, informers }, enqueue) => {
      const services = informers.of(apiServices);
      const definitions = informers.of(customResourceDefinitions);
      const fixed = new Map(builtIn.flatMap((one) => builtInEntry(one)));
      const synced = new Set<string>();
      let atStart: ReadonlySet<string> | undefined;
      services.subscribe((_next, _old, key) => enqueue(key));
      definitions.subscribe((next, old) => {
        for (const definition of [next, old])
          for (const version of definition?.spec.versions ?? [])
            enqueue(`${version.name}.${definition?.spec.group ?? ''}`);
      });
      for (const name of fixed.keys()) enqueue(name);
      return {
        reconcile: async (name) => {
          // Keys come only once the caches are filled.
          atStart ??= new Set(services.list().map(({ metadata }) => metadata.name ?? ''));
          const wanted = fixed.get(name) ?? customEntry(name, definitions.list());
          const current = services.getByKey(name);
          const isSynced = synced.has(name);
          const action = planRegistration({
            wanted,
            current,
            hasSynced: isSynced,
            wasAtStart: atStart.has(name),
          });
          try {
            if (action === 'create' && wanted !== undefined) {
              const { managed, spec } = wanted;
              const labels = managed === 'replaceable' ? {} : { [AUTOMANAGED]: managed };
              await client.create(apiServices, { metadata: { name, labels }, spec });
            } else if (action === 'update' && current !== undefined && wanted !== undefined) {
              await client.update(apiServices, { ...current, spec: wanted.spec });
            } else if (action === 'delete' && current !== undefined) {
              // Only as it was seen: people may have put their own in its place, or taken its label away.
              const { uid = '', resourceVersion = '' } = current.metadata;
              await client.delete(apiServices, { name }, { preconditions: { uid, resourceVersion } });
            }
          } catch (error) {
            // The cache is behind: the change it will bring wakes this key again.
            if (!isApiError(error, 'AlreadyExists') && !isApiError(error, 'NotFound')) throw error;
          }
          synced.add(name);
          return {};
        },
      };
    },
  };
}

function builtInEntry({ group, version }: GroupVersion): [string, Wanted][] {
  const priority = builtInPriority(group, version);
  if (priority === undefined) return [];
  const spec = specOf(group, version, priority.group, priority.version);
  const managed = isReplaceable(group) ? 'replaceable' : 'onstart';
  return [[`${version}.${group}`, { managed, spec }]];
}

function customEntry(name: string, definitions: readonly CustomResourceDefinition[]): Wanted | undefined {
  for (const { spec } of definitions) {
    const version = spec.versions.find((one) => one.served && `${one.name}.${spec.group}` === name);
    if (version === undefined) continue;
    const { group, version: rank } = CUSTOM_PRIORITY;
    return { managed: 'true', spec: specOf(spec.group, version.name, group, rank) };
  }
  return undefined;
}

function specOf(
  group: string,
  version: string,
  groupPriorityMinimum: number,
  versionPriority: number,
): APIService['spec'] {
  return { ...(group === '' ? {} : { group }), version, groupPriorityMinimum, versionPriority };
}
