import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeHost } from '../../host/node/node.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { testCodec } from '../contract-fixture.ts';
import { storeContract } from '../contract.ts';
import { openEmbeddedStore } from './embedded.ts';

storeContract('embedded on a real disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-store-'));
  const host = createNodeHost();
  return {
    durable: true,
    keepsHistory: true,
    open: (limits) => openEmbeddedStore({ codec: testCodec, host, folder, limits: { ...limits } }),
    remove: () => rm(folder, { recursive: true }),
  };
});

storeContract('embedded with a file for every few commits', async () => {
  const host = createSimulatedHost(7);
  return {
    durable: true,
    keepsHistory: true,
    open: (limits) =>
      openEmbeddedStore({
        codec: testCodec,
        host,
        folder: '/data',
        limits: { segmentBytes: 500, snapshotEveryBytes: 1500, ...limits },
      }),
  };
});
