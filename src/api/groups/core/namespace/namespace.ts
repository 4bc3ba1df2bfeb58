/** Namespace: the scope of names; it goes only when its content is gone (`spec.finalizers`). */

import { invalid, ROOT_PATH, type FieldError } from '../../../field/field-error.ts';
import { AGE_COLUMN, NAME_COLUMN } from '../../../meta/columns.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import type { Namespace } from '../../../types.gen.ts';

/** Set on every namespace, so that selectors can name one. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

export const namespaces: ResourceDefinition<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  namespaced: false,
  message: 'core/v1.Namespace',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  nameFormat: 'dns1123Label',
  hasStatus: true,
  hasGeneration: false,
  subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  defaults: labelWithName,
  prepareForCreate: (namespace) => {
    const finalizers = namespace.spec.finalizers ?? [];
    const spec = {
      ...namespace.spec,
      finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'],
    };
    return { ...namespace, spec, status: { phase: 'Active' } };
  },
  // Finalizers of the spec are changed through `finalize` only.
  prepareForUpdate: (next, old) => ({ ...next, spec: old.spec }),
  prepareForDelete: (namespace) => ({ ...namespace, status: { ...namespace.status, phase: 'Terminating' } }),
  holdsDeletion: (namespace) => (namespace.spec.finalizers ?? []).length > 0,
  validateStatusUpdate: validatePhase,
  selectableFieldNames: ['status.phase'],
  selectableFields: (namespace) => ({ 'status.phase': namespace.status.phase ?? '' }),
  columns: [
    NAME_COLUMN,
    {
      name: 'Status',
      type: 'string',
      description: 'The status of the namespace',
      priority: 0,
      value: (namespace) => namespace.status.phase ?? '',
    },
    AGE_COLUMN,
  ],
};

/** The phase says whether the namespace is on its way out. */
function validatePhase({ metadata, status: { phase } }: Namespace): FieldError[] {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const expected = isDeleted ? 'Terminating' : 'Active';
  if (phase === expected) return [];
  const detail = `may only be '${expected}' if \`deletionTimestamp\` is ${isDeleted ? 'not ' : ''}empty`;
  return [invalid(ROOT_PATH.child('status', 'Phase'), phase ?? '', detail)];
}

function labelWithName(namespace: Namespace): Namespace {
  const { name = '', labels } = namespace.metadata;
  if (name === '' || labels?.[NAME_LABEL] === name) return namespace;
  return { ...namespace, metadata: { ...namespace.metadata, labels: { ...labels, [NAME_LABEL]: name } } };
}
