/** A kind ready to be served: its definition joined with the schema that its `message` names. */

import { present } from '../base/assert.ts';
import type { ErrorSubject } from './meta/api-error.ts';
import { apiVersionOf, type KubernetesObject } from './meta/object.ts';
import type { ResourceDefinition } from './meta/resource-definition.ts';
import { objectSchemaOf, type ObjectSchema } from './object-schema.ts';
import type { GroupVersionSchema } from './schema/schema.ts';

export interface Resource<T extends KubernetesObject = KubernetesObject> {
  readonly definition: ResourceDefinition<T>;
  readonly schema: ObjectSchema;
  readonly apiVersion: string;
  /** Absent: objects are stored as they are served. */
  readonly stored?: StoredForm;
  /** Its definition is deleted: no more objects are made, which nobody would clean up. */
  readonly isTerminating?: boolean;
  /** For errors that name the collection (`pods "a" not found`). */
  readonly subject: ErrorSubject;
  /** For errors that name the kind (`Pod "a" is invalid`). */
  readonly kindSubject: ErrorSubject;
}

/**
 * How objects lie in the store, where that is not how they are served: custom resources, whose versions and
 * schemas change under their objects.
 */
export interface StoredForm {
  /** As this version reads them; the very same object where it reads so already. */
  fromStored(objects: readonly KubernetesObject[]): Promise<readonly KubernetesObject[]>;
  toStored(object: KubernetesObject): Promise<KubernetesObject>;
  /** Stored in a form that is none any more: worth rewriting even when nothing else changes. */
  isStale(stored: KubernetesObject): boolean;
}

export function resolveResource(
  definition: ResourceDefinition,
  schemas: ReadonlyMap<string, GroupVersionSchema>,
): Resource {
  const dot = definition.message.lastIndexOf('.');
  const groupVersion = present(
    schemas.get(definition.message.slice(0, dot)),
    `schema of ${definition.message}`,
  );
  const message = present(
    groupVersion.messages.get(definition.message.slice(dot + 1)),
    `message ${definition.message}`,
  );
  return {
    definition,
    schema: objectSchemaOf(message),
    apiVersion: apiVersionOf(definition),
    subject: { group: definition.group, resource: definition.plural },
    kindSubject: { group: definition.group, resource: definition.kind },
  };
}
