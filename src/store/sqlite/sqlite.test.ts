import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeHost } from '../../host/node/node.ts';
import { testCodec } from '../contract-fixture.ts';
import { storeContract } from '../contract.ts';
import { openSqliteStore } from './sqlite.ts';

storeContract('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'k8ts-sqlite-'));
  const { clock } = createNodeHost();
  return {
    durable: true,
    keepsHistory: false,
    open: async (limits) =>
      openSqliteStore({ codec: testCodec, clock, path: join(folder, 'store.db'), limits: { ...limits } }),
    remove: () => rm(folder, { recursive: true }),
  };
});
