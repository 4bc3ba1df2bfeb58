/** The victim of the kill test: writes as fast as it can and prints each revision once it is acknowledged. */

import { writeSync } from 'node:fs';
import { createNodeHost } from '../../host/node/node.ts';
import { testCodec } from '../contract-fixture.ts';
import { openEmbeddedStore } from './embedded.ts';

const folder = process.argv[2] ?? '';
const store = await openEmbeddedStore({
  codec: testCodec,
  host: createNodeHost(),
  folder,
  limits: { segmentBytes: 200_000, snapshotEveryBytes: 400_000 },
});
let next = store.revision;
const writer = async (): Promise<never> => {
  for (;;) {
    const revision = ++next;
    const value = { text: `${revision} ${'x'.repeat(500)}` };
    await store.commit([{ type: 'put', key: `/r/${revision % 500}`, value }], []);
    // Synchronously, so that what was printed was acknowledged before the kill.
    writeSync(1, `${revision}\n`);
  }
};
await Promise.all(Array.from({ length: 16 }, writer));
