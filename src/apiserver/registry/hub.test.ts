import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events } from '../../api/groups/core/event/event.ts';
import { eventsV1 } from '../../api/groups/events/event/event.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';

const PLACE = { name: 'web.1', namespace: 'default' };

test('an event written through one version reads through the other', async () => {
  const { client } = createTestPipeline();
  await client.create(eventsV1, {
    metadata: PLACE,
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'example.com/tester',
    reportingInstance: 'tester-1',
    action: 'Testing',
    reason: 'Tested',
    type: 'Normal',
    note: 'it works',
    regarding: { kind: 'Pod', name: 'web', namespace: 'default' },
  });
  const core = await client.get(events, PLACE);
  assert.equal(core.apiVersion, 'v1');
  assert.equal(core.message, 'it works');
  assert.equal(core.involvedObject.name, 'web');
  assert.equal(core.reportingComponent, 'example.com/tester');
  const found = await client.list(eventsV1, { namespace: 'default', fieldSelector: 'regarding.name=web' });
  assert.deepEqual(
    found.items.map((event) => [event.apiVersion, event.note]),
    [['events.k8s.io/v1', 'it works']],
  );
  const none = await client.list(eventsV1, { namespace: 'default', fieldSelector: 'regarding.name=other' });
  assert.equal(none.items.length, 0);
});

test('a patch is computed in the version that it is written for', async () => {
  const { client } = createTestPipeline();
  await client.create(events, {
    metadata: PLACE,
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    message: 'first',
  });
  const patch = { type: 'merge', body: { note: 'second' } } as const;
  const patched = await client.patch(eventsV1, PLACE, patch);
  assert.equal(patched.note, 'second');
  assert.equal((await client.get(events, PLACE)).message, 'second');
});

test('a watch of the view sees what is written to the hub', async () => {
  const { client } = createTestPipeline();
  const abort = new AbortController();
  const stream = client.watch(eventsV1, { namespace: 'default' }, abort.signal)[Symbol.asyncIterator]();
  const next = stream.next();
  await client.create(events, {
    metadata: PLACE,
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    message: 'seen',
  });
  const batch = await next;
  const [event] = batch.done === true ? [] : batch.value;
  assert.ok(event?.type === 'ADDED');
  assert.equal(event.object.note, 'seen');
  abort.abort();
  await stream.next();
});
