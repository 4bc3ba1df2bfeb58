/** `k8ts simulate`: nodes without machines for the running cluster, in any number. */

import type { JsonObject } from '../api/schema/schema.ts';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { isApiError } from '../api/meta/api-error.ts';
import type { Draft } from '../api/meta/object.ts';
import type { CustomResourceDefinition } from '../api/types.gen.ts';
import { parseQuantity } from '../api/quantity/quantity.ts';
import type { Client } from '../client/client.ts';
import { nodeFleetDefinition, stageDefinition } from '../fleet/definition.ts';
import { nodeFleets, type NodeFleet } from '../fleet/node-fleet.ts';
import { asAdministrator } from './admin-client.ts';
import { UsageError } from './settings.ts';

export interface SimulateFlags {
  readonly dataDir?: string;
  readonly nodes: string;
  readonly name: string;
  readonly zones?: string;
  readonly capacity?: string;
  readonly podStart?: string;
}

const POLL_MS = 200;
/** Nodes are made at well over a thousand in a second. */
const READY_MAX_MS = 300_000;

export async function runSimulate(flags: SimulateFlags): Promise<void> {
  const spec = fleetSpec(flags);
  await asAdministrator(flags, 'k8ts/simulate', async ({ api, host: { clock } }) => {
    for (const definition of [nodeFleetDefinition(), stageDefinition()]) await install(api, definition);
    const wait = (ms: number): Promise<void> => clock.sleep(ms);
    await applyFleet(api, flags.name, spec, wait);
    const until = clock.monotonicMs() + READY_MAX_MS;
    const wanted = Number(flags.nodes);
    const fleet = await untilReady(api, flags.name, wanted, () => clock.monotonicMs() < until, wait);
    const { replicas = 0, readyReplicas = 0 } = fleet.status ?? {};
    process.stdout.write(`nodefleet/${flags.name}: ${replicas} nodes, ${readyReplicas} ready\n`);
    if (readyReplicas !== wanted || replicas !== wanted)
      throw new UsageError(`the fleet is not complete: see k8ts kubectl describe nodefleet ${flags.name}`);
  });
}

function fleetSpec({ nodes, zones, capacity, podStart }: SimulateFlags): JsonObject {
  if (!/^\d+$/.test(nodes)) throw new UsageError(`--nodes ${nodes}: must be a number`);
  return {
    replicas: Number(nodes),
    ...(zones === undefined ? {} : { zones: zones.split(',') }),
    ...(capacity === undefined ? {} : { capacity: amountsOf(capacity) }),
    ...(podStart === undefined ? {} : { behavior: { podStart: { duration: podStart } } }),
  };
}

function amountsOf(text: string): JsonObject {
  const pairs = text.split(',').map((pair) => pair.split('='));
  for (const [name = '', amount = ''] of pairs) {
    if (name === '' || typeof parseQuantity(amount) === 'string')
      throw new UsageError(`--capacity ${text}: must be amounts such as cpu=32,memory=256Gi`);
  }
  return Object.fromEntries(pairs) as JsonObject;
}

async function install(client: Client, definition: Draft<CustomResourceDefinition>): Promise<void> {
  try {
    await client.create(customResourceDefinitions, definition);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

/** The kind is served a moment after its definition was written. */
async function applyFleet(
  client: Client,
  name: string,
  spec: JsonObject,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  const { group, version, kind } = nodeFleets;
  const body = { apiVersion: `${group}/${version}`, kind, metadata: { name }, spec };
  for (let attempt = 1; ; attempt++) {
    try {
      await client.patch(
        nodeFleets,
        { name },
        { type: 'apply', body },
        { fieldManager: 'k8ts-simulate', force: true },
      );
      return;
    } catch (error) {
      if (!isApiError(error, 'NotFound') || attempt >= 50) throw error;
      await wait(POLL_MS);
    }
  }
}

async function untilReady(
  client: Client,
  name: string,
  wanted: number,
  goesOn: () => boolean,
  wait: (ms: number) => Promise<void>,
): Promise<NodeFleet> {
  for (;;) {
    const fleet = await client.get(nodeFleets, { name });
    const { replicas, readyReplicas, observedGeneration } = fleet.status ?? {};
    const isDone =
      replicas === wanted && readyReplicas === wanted && observedGeneration === fleet.metadata.generation;
    if (isDone || !goesOn()) return fleet;
    await wait(POLL_MS);
  }
}
