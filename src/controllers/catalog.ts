/** Every controller, one line each. Adding one: its folder beside this file, and a line here. */

import type { ControllerDefinition } from '../reconcile/controller.ts';
import { deploymentController } from './deployment/deployment.ts';
import { replicaSetController } from './replica-set/replica-set.ts';

export function createControllers(): readonly ControllerDefinition[] {
  return [deploymentController, replicaSetController];
}
