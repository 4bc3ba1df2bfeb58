/** The controllers that play nodes without machines. */

import type { ControllerDefinition } from '../reconcile/controller.ts';
import { fleetNodesController } from './fleet-nodes/fleet-nodes.ts';
import { nodeLifeController } from './node-life/node-life.ts';
import { podLifeController } from './pod-life/pod-life.ts';

export const fleetControllers: readonly ControllerDefinition[] = [
  fleetNodesController,
  nodeLifeController,
  podLifeController,
];
