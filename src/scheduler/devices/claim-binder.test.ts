import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, type Logger } from '../../base/log.ts';
import type { Pod, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { ClaimBinder } from './claim-binder.ts';

test('a claim that cannot be given back is told of', async () => {
  const warned: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warned.push(message) };
  const client = { update: () => Promise.reject(new Error('out of reach')) } as unknown as Client;
  const { clock } = createSimulatedHost(1);
  const pod = { metadata: { namespace: 'n', name: 'p', uid: 'u' } } as unknown as Pod;
  const claim = {
    metadata: { namespace: 'n', name: 'c' },
    status: { allocation: {}, reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] },
  } as unknown as ResourceV1ResourceClaim;
  new ClaimBinder({ client, logger, clock }).giveBack(pod, claim);
  await new Promise(setImmediate);
  assert.deepEqual(warned, ['a claim stays reserved: out of reach']);
});
