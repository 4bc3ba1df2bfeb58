/** Tables: what `kubectl get` prints, rendered from the kind's columns. */

import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** Of `meta.k8s.io`, in which Tables and metadata are. */
export type MetaVersion = 'v1' | 'v1beta1';

export interface TableOptions {
  readonly metaVersion: MetaVersion;
  readonly includeObject: IncludeObject;
  /** Watches send the column definitions in the first event only. */
  readonly headers: boolean;
}

export function renderTable(
  resource: Resource,
  objects: readonly KubernetesObject[],
  listMeta: JsonObject,
  options: TableOptions,
  nowMs: number,
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.metaVersion}`,
    metadata: listMeta,
    columnDefinitions: options.headers ? columnDefinitions(resource) : null,
    rows: objects.map((object) => renderRow(resource, object, options, nowMs)),
  };
}

export function columnDefinitions(resource: Resource): readonly JsonObject[] {
  return resource.definition.columns.map(({ name, type, format, description, priority }) => ({
    name,
    type,
    format: format ?? '',
    description,
    priority,
  }));
}

function renderRow(
  resource: Resource,
  object: KubernetesObject,
  options: TableOptions,
  nowMs: number,
): JsonObject {
  const cells: JsonValue[] = resource.definition.columns.map((column) => column.value(object, nowMs));
  return { cells, object: rowObject(object, options) };
}

function rowObject(object: KubernetesObject, { includeObject, metaVersion }: TableOptions): JsonValue {
  switch (includeObject) {
    case 'None':
      return null;
    case 'Metadata':
      return partialMetadata(object, metaVersion);
    case 'Object':
      return object as unknown as JsonObject;
  }
}

export function partialMetadata(object: KubernetesObject, metaVersion: MetaVersion): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: object.metadata as unknown as JsonObject,
  };
}
