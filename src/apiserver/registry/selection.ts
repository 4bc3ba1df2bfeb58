/** A request's selectors, parsed, checked against the kind, and turned into one predicate. */

import {
  fieldsMatch,
  parseFieldSelector,
  requiredValue,
  type FieldSelector,
} from '../../api/fields/field-selector.ts';
import { EVERYTHING, matcherOf, parseSelector, type Selector } from '../../api/labels/selector.ts';
import { badRequestError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { Selection } from '../../client/client.ts';

export interface CompiledSelection {
  /** Undefined when everything matches, so that hot paths can skip the call. */
  readonly predicate: ((object: KubernetesObject) => boolean) | undefined;
  /** The only object that can match, by `metadata.name`. */
  readonly name: string | undefined;
  /** The only namespace that can match, by `metadata.namespace`. */
  readonly namespace: string | undefined;
}

export function compileSelection(resource: Resource, selection: Selection): CompiledSelection {
  const labels = parseLabels(selection.labelSelector ?? '');
  const fields = parseFields(resource, selection.fieldSelector ?? '');
  const name = requiredValue(fields, 'metadata.name');
  const namespace = requiredValue(fields, 'metadata.namespace');
  if (labels.length === 0 && fields.length === 0) return { predicate: undefined, name, namespace };
  const byLabels = matcherOf(labels);
  if (fields.length === 0) {
    return { predicate: (object) => byLabels(object.metadata.labels), name, namespace };
  }
  return {
    predicate: (object) =>
      byLabels(object.metadata.labels) && fieldsMatch(fields, fieldReader(resource, object)),
    name,
    namespace,
  };
}

function parseLabels(text: string): Selector {
  if (text === '') return EVERYTHING;
  const parsed = parseSelector(text);
  if (!parsed.ok) throw badRequestError(`unable to parse requirement: ${parsed.error}`);
  return parsed.value;
}

function parseFields(resource: Resource, text: string): FieldSelector {
  if (text === '') return [];
  const parsed = parseFieldSelector(text);
  if (!parsed.ok) throw badRequestError(parsed.error);
  const supported = [
    'metadata.name',
    'metadata.namespace',
    ...(resource.definition.selectableFieldNames ?? []),
  ];
  for (const { field } of parsed.value) {
    if (!supported.includes(field)) throw badRequestError(`field label not supported: ${field}`);
  }
  return parsed.value;
}

function fieldReader(resource: Resource, object: KubernetesObject): (field: string) => string {
  let own: Readonly<Record<string, string>> | undefined;
  return (field) => {
    if (field === 'metadata.name') return object.metadata.name ?? '';
    if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
    own ??= resource.definition.selectableFields?.(object) ?? {};
    return own[field] ?? '';
  };
}
