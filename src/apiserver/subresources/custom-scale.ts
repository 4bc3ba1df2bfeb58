/**
 * The Scale of a custom object. Its paths may lead nowhere, or to something that is no number: then there
 * is no scale to show (apiextensions-apiserver/pkg/registry/customresource/etcd.go).
 */

import { ApiError, badRequestError, internalError } from '../../api/meta/api-error.ts';
import type { ScalePaths } from '../../api/meta/resource-definition.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { nestedInteger, nestedText, type Nested } from '../../api/structural/scale.ts';

export interface ScaleParts {
  /** Undefined: the object does not say. */
  readonly specReplicas: number | undefined;
  readonly statusReplicas: number;
  readonly selector: string;
}

export function readCustomScale(paths: ScalePaths, object: JsonObject): ScaleParts {
  return {
    specReplicas: valueOf(nestedInteger(object, paths.specReplicas)),
    statusReplicas: valueOf(nestedInteger(object, paths.statusReplicas)) ?? 0,
    selector: paths.selector === '' ? '' : (valueOf(nestedText(object, paths.selector)) ?? ''),
  };
}

function valueOf<T>(found: Nested<T>): T | undefined {
  if (found.ok) return found.value;
  throw new ApiError(500, '', found.problem);
}

/** What a client gets that asks for the scale of an object that says nothing of it. */
export function noReplicasError({ specReplicas }: ScalePaths): ApiError {
  return internalError(`the spec replicas field ${JSON.stringify(specReplicas)} does not exist`);
}

export function emptyReplicasError({ specReplicas }: ScalePaths): ApiError {
  return badRequestError(`the spec replicas field ${JSON.stringify(specReplicas)} cannot be empty`);
}
