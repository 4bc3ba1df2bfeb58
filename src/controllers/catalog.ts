/** Every controller, one line each. Adding one: its folder beside this file, and a line here. */

import type { ResourceDefinition } from '../api/meta/resource-definition.ts';
import type { ControllerDefinition } from '../reconcile/controller.ts';
import { deploymentController } from './deployment/deployment.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { namespaceController } from './namespace/namespace.ts';
import { replicaSetController } from './replica-set/replica-set.ts';
import { rootCaController } from './root-ca/root-ca.ts';
import { serviceAccountController } from './service-account/service-account.ts';

export interface ControllerOptions {
  /** The kinds served at this moment, custom ones included; the same array while nothing changed. */
  readonly kinds: () => readonly ResourceDefinition[];
  /** PEM certificates by which pods recognise the API server. */
  readonly caBundle: string;
}

export function createControllers({ kinds, caBundle }: ControllerOptions): readonly ControllerDefinition[] {
  const stored = storedKinds(kinds);
  return [
    deploymentController,
    replicaSetController,
    namespaceController(() => stored().filter(({ namespaced }) => namespaced)),
    serviceAccountController,
    rootCaController(caBundle),
    garbageCollector(stored),
  ];
}

/** Without views of other kinds (another version, another group), so that every object is met once. */
function storedKinds(kinds: () => readonly ResourceDefinition[]): () => readonly ResourceDefinition[] {
  let from: readonly ResourceDefinition[] = [];
  let stored: readonly ResourceDefinition[] = [];
  return () => {
    const now = kinds();
    if (now !== from) {
      from = now;
      stored = now.filter(({ storedAs }) => storedAs === undefined);
    }
    return stored;
  };
}
