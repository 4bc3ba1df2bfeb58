import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { testCodec } from '../contract-fixture.ts';
import { storeContract } from '../contract.ts';
import { createMemoryStore } from './memory.ts';

storeContract('memory', async () => ({
  durable: false,
  keepsHistory: false,
  open: async (limits) =>
    createMemoryStore({ codec: testCodec, clock: createSimulatedHost(1).clock, limits: { ...limits } }),
}));
