/** CustomResourceDefinition: a kind that users bring along. */

import { PLAIN_COLUMNS } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
} from '../../../types.gen.ts';
import { validateCreate, validateStatusUpdate, validateUpdate } from './validate-definition.ts';
import { definitionWarnings } from './warnings.ts';

/** Holds a definition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export const customResourceDefinitions: ResourceDefinition<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  message: 'apiextensions/v1.CustomResourceDefinition',
  nameFormat: 'dns1123Subdomain',
  hasStatus: true,
  hasGeneration: true,
  defaults,
  prepareForCreate: (definition) => ({
    ...definition,
    status: {
      conditions: [],
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storageVersions(definition.spec),
    },
  }),
  prepareForUpdate: (next) => rememberStored(next),
  validateCreate,
  validateUpdate,
  validateStatusUpdate,
  warnings: definitionWarnings,
  prepareForDelete: holdForCleanup,
  columns: PLAIN_COLUMNS,
};

function defaults(definition: CustomResourceDefinition): CustomResourceDefinition {
  const { spec } = definition;
  const names = defaultNames(spec.names);
  const conversion = defaultConversion(spec) ?? { strategy: 'None' };
  if (names === spec.names && conversion === spec.conversion) return definition;
  return { ...definition, spec: { ...spec, names, conversion } };
}

function defaultNames(names: CustomResourceDefinitionNames): CustomResourceDefinitionNames {
  const { kind, singular = '', listKind = '' } = names;
  if (kind === '' || (singular !== '' && listKind !== '')) return names;
  return {
    ...names,
    singular: singular === '' ? kind.toLowerCase() : singular,
    listKind: listKind === '' ? `${kind}List` : listKind,
  };
}

const WEBHOOK_PORT = 443;

function defaultConversion({
  conversion,
}: CustomResourceDefinitionSpec): CustomResourceDefinitionSpec['conversion'] {
  const config = conversion?.webhook?.clientConfig;
  if (conversion?.webhook === undefined || config?.service === undefined) return conversion;
  if (config.service.port !== undefined) return conversion;
  const clientConfig = { ...config, service: { ...config.service, port: WEBHOOK_PORT } };
  return { ...conversion, webhook: { ...conversion.webhook, clientConfig } };
}

function storageVersions(spec: CustomResourceDefinitionSpec): string[] {
  return spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
}

/** A version that objects may be stored in stays on the list until somebody has rewritten them. */
function rememberStored(next: CustomResourceDefinition): CustomResourceDefinition {
  const stored = next.status.storedVersions;
  const added = storageVersions(next.spec).filter((name) => !stored.includes(name));
  if (added.length === 0) return next;
  return { ...next, status: { ...next.status, storedVersions: [...stored, ...added] } };
}

function holdForCleanup(definition: CustomResourceDefinition): CustomResourceDefinition {
  const finalizers = definition.metadata.finalizers ?? [];
  if (finalizers.includes(CLEANUP_FINALIZER) || definition.metadata.deletionTimestamp !== undefined) {
    return definition;
  }
  return {
    ...definition,
    metadata: { ...definition.metadata, finalizers: [...finalizers, CLEANUP_FINALIZER] },
  };
}
