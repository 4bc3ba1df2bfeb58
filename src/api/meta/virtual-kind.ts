/** Kinds that are answered, not stored: reviews are created, and the answer is the created object. */

import { PLAIN_COLUMNS } from './columns.ts';
import type { KubernetesObject } from './object.ts';
import type { ResourceDefinition } from './resource-definition.ts';

export interface VirtualKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly message: string;
}

export function virtualKind<T extends KubernetesObject>(names: VirtualKind): ResourceDefinition<T> {
  return {
    ...names,
    singular: names.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    verbs: ['create'],
    nameFormat: 'pathSegment',
    hasStatus: false,
    hasGeneration: false,
    columns: PLAIN_COLUMNS,
  };
}

/** Reviews and bindings: who asks for a Table of one gets 406. */
export function isOnlyCreated({ verbs }: Pick<ResourceDefinition, 'verbs'>): boolean {
  return verbs?.length === 1 && verbs[0] === 'create';
}
