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
  /** For errors that name the collection (`pods "a" not found`). */
  readonly subject: ErrorSubject;
  /** For errors that name the kind (`Pod "a" is invalid`). */
  readonly kindSubject: ErrorSubject;
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
