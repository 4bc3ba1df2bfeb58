import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from '../../api/groups/core/service/service.ts';
import type { Pod, Service } from '../../api/types.gen.ts';
import { createTestPipeline } from '../../apiserver/pipeline.fixture.ts';
import { silentLogger } from '../../base/log.ts';
import { servicesSelecting } from '../../client/informer/services-selecting.ts';
import { SharedInformers } from '../../client/informer/shared-informers.ts';

test('pods that share their labels are selected by what selects them now, in their own namespace', async () => {
  const { client, host } = createTestPipeline();
  const informers = new SharedInformers({ client, clock: host.clock, logger: silentLogger });
  const select = servicesSelecting(informers);
  const stopping = new AbortController();
  informers.start(stopping.signal);
  await informers.waitForSync(stopping.signal);
  const labels = { app: 'web' };
  const selecting = (namespace: string): readonly (string | undefined)[] =>
    select({ metadata: { namespace, labels } } as unknown as Pod).map(({ metadata }) => metadata.name);
  const add = async (namespace: string, name: string): Promise<void> => {
    const spec = { selector: { app: 'web' }, ports: [{ port: 80 }] };
    await client.create(services, { metadata: { namespace, name }, spec } as unknown as Service);
    await host.clock.advance(10);
  };
  assert.deepEqual(selecting('shop'), []);
  await add('shop', 'one');
  assert.deepEqual([selecting('shop'), selecting('bank'), selecting('shop')], [['one'], [], ['one']]);
  await add('shop', 'two');
  assert.deepEqual(selecting('shop'), ['one', 'two']);
  await client.delete(services, { namespace: 'shop', name: 'one' });
  await host.clock.advance(10);
  assert.deepEqual(selecting('shop'), ['two']);
  stopping.abort();
});
