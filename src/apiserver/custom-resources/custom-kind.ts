/**
 * From a CustomResourceDefinition to `Resource`s: one for each served version, of the same structure as
 * built-in kinds have, so that they take the same way through the server.
 */

import { parseJsonPath } from '../../api/json-path/json-path.ts';
import { STANDARD_FINALIZERS } from '../../api/meta/validate-metadata.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import type { Resource, StoredForm } from '../../api/resource.ts';
import type { JsonObject, MessageSchema } from '../../api/schema/schema.ts';
import { CustomSchema } from '../../api/structural/custom-schema.ts';
import { hasRules, SchemaRules } from '../../api/structural/rules.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types.gen.ts';
import { present } from '../../base/assert.ts';
import { columnsOf } from './columns.ts';
import type { Convert } from './conversion.ts';

export interface CustomKindParts {
  readonly definition: CustomResourceDefinition;
  readonly objectMeta: MessageSchema;
  readonly convert: Convert;
}

export function customResources(parts: CustomKindParts): readonly Resource[] {
  const { metadata, spec } = parts.definition;
  const served = spec.versions.filter((version) => version.served);
  // Objects that no version serves have to be deleted, too.
  const isLast = served.length === 0 && metadata.deletionTimestamp !== undefined;
  const shown = isLast ? spec.versions.filter(({ storage }) => storage) : served;
  return shown.map((version) => customResource(parts, version));
}

function customResource(parts: CustomKindParts, version: CustomResourceDefinitionVersion): Resource {
  const { spec, status } = parts.definition;
  const { group } = spec;
  const {
    plural,
    kind,
    singular = '',
    listKind = '',
    shortNames = [],
    categories = [],
  } = status.acceptedNames;
  const apiVersion = `${group}/${version.name}`;
  const written = version.schema?.openAPIV3Schema;
  const scale = scalePathsOf(version);
  const schema = new CustomSchema({
    names: { group, version: version.name, kind, listKind },
    schema: written,
    objectMeta: parts.objectMeta,
    ...scale,
    ...(written !== undefined && hasRules(written) ? { rules: new SchemaRules(written) } : {}),
  });
  const warning = deprecationOf(version, apiVersion, kind);
  const definition: ResourceDefinition = {
    group,
    version: version.name,
    kind,
    plural,
    singular,
    listKind,
    shortNames,
    categories,
    namespaced: spec.scope === 'Namespaced',
    message: '',
    nameFormat: 'dns1123Subdomain',
    hasStatus: version.subresources?.status !== undefined,
    hasGeneration: true,
    isOtherVersion: !version.storage,
    warnings: finalizerWarnings,
    columns: columnsOf(version.additionalPrinterColumns),
    ...(warning === undefined ? {} : { deprecation: warning }),
    ...scale,
    ...selectableFieldsOf(version),
  };
  return {
    definition,
    schema,
    apiVersion,
    stored: storedForm(parts, schema, apiVersion),
    isTerminating: parts.definition.metadata.deletionTimestamp !== undefined,
    subject: { group, resource: plural },
    kindSubject: { group, resource: kind },
  };
}

function scalePathsOf({ subresources }: CustomResourceDefinitionVersion): Pick<ResourceDefinition, 'scale'> {
  const scale = subresources?.scale;
  if (scale === undefined) return {};
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale;
  const scalePaths = { specReplicas: specReplicasPath, statusReplicas: statusReplicasPath };
  return { scale: { ...scalePaths, selector: labelSelectorPath } };
}

/** Of finalizers that are new, as upstream prefers them (`validateKubeFinalizerName`). */
function finalizerWarnings(object: KubernetesObject, old: KubernetesObject | undefined): readonly string[] {
  const before = old?.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((name) => !before.includes(name));
  return added
    .filter((name) => !name.includes('/') && !STANDARD_FINALIZERS.includes(name))
    .toSorted()
    .map((name) => {
      const better = `prefer a domain-qualified finalizer name${name.includes('.') ? ' including a path (/)' : ''}`;
      const why = 'to avoid accidental conflicts with other finalizer writers';
      return `metadata.finalizers: ${JSON.stringify(name)}: ${better} ${why}`;
    });
}

function deprecationOf(
  { deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
  apiVersion: string,
  kind: string,
): string | undefined {
  return deprecated === true ? (deprecationWarning ?? `${apiVersion} ${kind} is deprecated`) : undefined;
}

function selectableFieldsOf(
  version: CustomResourceDefinitionVersion,
): Pick<ResourceDefinition, 'selectableFields' | 'selectableFieldNames'> {
  const paths = version.selectableFields ?? [];
  if (paths.length === 0) return {};
  const readers = paths.map(({ jsonPath }) => {
    const parsed = parseJsonPath(jsonPath);
    return { name: jsonPath.replace(/^\./, ''), find: parsed.ok ? parsed.find : () => [] };
  });
  return {
    selectableFieldNames: readers.map(({ name }) => name),
    selectableFields: (object) =>
      Object.fromEntries(
        readers.map(({ name, find }) => {
          const [value] = find(object as unknown as JsonObject);
          return [
            name,
            value === undefined || value === null ? '' : String(value as string | number | boolean),
          ];
        }),
      ),
  };
}

/**
 * Objects as stored may be of another version, or older than the schema: they are converted, pruned and given
 * defaults when they are read. Each is read so once; what reads as it is stored stays the same object.
 */
function storedForm(
  { definition, convert }: CustomKindParts,
  schema: CustomSchema,
  apiVersion: string,
): StoredForm {
  const read = new WeakMap<KubernetesObject, KubernetesObject>();
  const storage = present(
    definition.spec.versions.find((version) => version.storage),
    'storage version',
  );
  const storedVersion = `${definition.spec.group}/${storage.name}`;
  return {
    isStale: (stored) => stored.apiVersion !== storedVersion,
    toStored: async (object) => present((await convert([object], storedVersion))[0], 'converted object'),
    fromStored: async (objects) => {
      if (objects.every((object) => read.has(object)))
        return objects.map((object) => read.get(object) ?? object);
      const converted = await convert(objects, apiVersion);
      return objects.map((object, i) => {
        const known = read.get(object);
        if (known !== undefined) return known;
        const complete = schema.complete(converted[i] ?? object);
        read.set(object, complete);
        return complete;
      });
    },
  };
}
