import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowSchemas } from '../../api/groups/flowcontrol/flow-schema/flow-schema.ts';
import { flowSchema, limitedLevel } from '../../api/groups/flowcontrol/mandatory-objects.ts';
import { priorityLevelConfigurations } from '../../api/groups/flowcontrol/priority-level-configuration/priority-level-configuration.ts';
import type { FlowSchema } from '../../api/types.gen.ts';
import { silentLogger } from '../../base/log.ts';
import type { UserInfo } from '../../client/operation.ts';
import { exchangeOf, type TestAnswer } from '../http/front.fixture.ts';
import { ADMIN, createTestPipeline, type TestPipeline } from '../pipeline.fixture.ts';
import { DanglingConditions } from './dangling.ts';
import { FlowDebugHandler } from './debug.ts';
import { ensureFlowObjects } from './ensure-objects.ts';
import { FlowControl } from './flow-control.ts';
import type { AskedRequest, Lease, Refusal } from './flow-gate.ts';
import type { RequestTicket } from './request-ticket.ts';

const REST = { group: '', version: 'v1', resource: 'pods', namespace: 'a', name: '', subresource: '' };
const NOBODY = { signal: new AbortController().signal };

function asked(verb: string, query = '', target: Partial<typeof REST> = {}): AskedRequest {
  return { type: 'resource', verb, target: { ...REST, ...target }, query: new URLSearchParams(query) };
}
function user(name: string): UserInfo {
  return { name, groups: ['system:authenticated'] };
}

interface Controlled extends TestPipeline {
  readonly flow: FlowControl;
  readonly ask: (
    name: string,
    request?: AskedRequest,
    signal?: AbortSignal,
  ) => Lease | Refusal | Promise<Lease | Refusal>;
}

/** One level with two queues of two and, beside those of the catch-all, `seats` seats; everybody is on it. */
async function controlled(seats = 2): Promise<Controlled> {
  const made = createTestPipeline();
  const level = limitedLevel('small', 45, 0, { queues: 2, handSize: 1, queueLengthLimit: 2 });
  const everybody = flowSchema('everybody', 'small', 100, 'ByUser', {
    subjects: [{ kind: 'Group', group: { name: '*' } }],
    resourceRules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] },
    ],
  });
  for (const [type, { name, spec }] of [
    [priorityLevelConfigurations, level],
    [flowSchemas, everybody],
  ] as const) {
    await made.client.create<never>(type as never, { metadata: { name }, spec } as never);
  }
  // 45 of 50 shares: with ten ninths of the seats, rounded up, the level gets just `seats`.
  const flow = new FlowControl({
    store: made.store,
    clock: made.host.clock,
    logger: silentLogger,
    totalSeats: Math.floor((seats * 50) / 45),
  });
  flow.start();
  const ask: Controlled['ask'] = (name, request = asked('get'), signal = NOBODY.signal) =>
    flow.acquire(request, user(name), 60_000, { signal });
  return { ...made, flow, ask };
}

function leaseOf(answer: Lease | Refusal | Promise<Lease | Refusal>): Lease {
  assert.ok(!(answer instanceof Promise) && answer.admitted, 'runs at once');
  return answer;
}

function executing(flow: FlowControl): readonly RequestTicket[] {
  return flow.levels.all().flatMap(({ queueSet }) => [...queueSet.executingTickets]);
}

test('runs what fits, queues what does not, refuses what the queue cannot take', async () => {
  const { flow, ask, host } = await controlled();
  const first = [leaseOf(ask('jane')), leaseOf(ask('jane'))];
  const waiting = [ask('jane'), ask('jane')];
  const refused = ask('jane');
  assert.ok(!(refused instanceof Promise) && !refused.admitted);
  const { error } = refused;
  assert.deepEqual(
    [error.code, error.reason, error.details],
    [429, 'TooManyRequests', { retryAfterSeconds: 1 }],
  );
  for (const lease of first) lease.end();
  for (const answer of waiting) {
    assert.ok(answer instanceof Promise);
    const lease = await answer;
    assert.ok(lease.admitted);
    lease.end();
  }
  await host.clock.advance(1);
  assert.equal(flow.levels.get('small')?.queueSet.isIdle, true);
  assert.equal(flow.isIdle, true);
});

test('whoever waits for a quarter of its time is refused; who leaves gives the place up', async () => {
  const { flow, ask, host } = await controlled(1);
  const lease = leaseOf(ask('jane'));
  const late = ask('jane');
  const abort = new AbortController();
  const leaver = ask('jane', asked('get'), abort.signal);
  abort.abort();
  const left = await leaver;
  assert.equal(left.admitted, false);
  await host.clock.advance(14_999);
  assert.equal(flow.levels.get('small')?.queueSet.requestsWaiting, 1);
  await host.clock.advance(1);
  assert.equal((await late).admitted, false);
  const counts = flow.levels.get('small')?.queueSet.counts;
  assert.deepEqual(counts, { dispatched: 1, rejected: 2, timedOut: 1, cancelled: 1 });
  lease.end();
  lease.end();
  assert.equal(flow.levels.get('small')?.queueSet.seatsInUse, 0);
});

test('administrators are exempt, and answers say which objects decided', async () => {
  const { flow, client, ask } = await controlled(1);
  leaseOf(ask('jane'));
  const exempt = flow.acquire(asked('get'), ADMIN, 60_000, NOBODY);
  assert.deepEqual(leaseOf(exempt).headers, {
    'x-kubernetes-pf-flowschema-uid': '',
    'x-kubernetes-pf-prioritylevel-uid': '',
  });
  const schema = await client.get(flowSchemas, { name: 'everybody' });
  const level = await client.get(priorityLevelConfigurations, { name: 'small' });
  const waiting = ask('other');
  assert.ok(waiting instanceof Promise);
  const headers = leaseOf(
    flow.acquire(asked('get', '', { subresource: 'log' }), user('x'), 60_000, NOBODY),
  ).headers;
  assert.deepEqual(headers, {}, 'streams are not classified');
  flow.levels.get('small')?.configure(9, 0);
  assert.deepEqual((await waiting).headers, {
    'x-kubernetes-pf-flowschema-uid': schema.metadata.uid,
    'x-kubernetes-pf-prioritylevel-uid': level.metadata.uid,
  });
});

test('a watch gives its seat back when it has begun, and counts until it ends', async () => {
  const { flow, ask } = await controlled(2);
  const leases = Array.from({ length: 10 }, () => {
    const lease = leaseOf(ask('jane', asked('watch')));
    lease.release();
    return lease;
  });
  assert.equal(flow.levels.get('small')?.queueSet.seatsInUse, 0);
  assert.equal(flow.watches.interested(REST), 10);
  const write = leaseOf(ask('jane', asked('create')));
  assert.equal(executing(flow)[0]?.work.finalSeats, 1);
  write.end();
  assert.equal(flow.levels.get('small')?.queueSet.seatsInUse, 1, 'its events are being sent');
  for (const lease of leases) lease.end();
  assert.equal(flow.watches.interested(REST), 0);
});

test('changed objects count at once; the condition says when the level is not there', async () => {
  const { flow, client, host } = await controlled();
  const conditions = new DanglingConditions(client, host.clock, silentLogger);
  flow.start((schemas, hasLevel) => conditions.note(schemas, hasLevel));
  const dangling = async (): Promise<unknown> => {
    await host.clock.advance(1_010);
    const { status } = await client.get<FlowSchema>(flowSchemas, { name: 'everybody' });
    const [condition] = status.conditions ?? [];
    return [condition?.type, condition?.status, condition?.reason, condition?.message];
  };
  const everybody = async (): Promise<FlowSchema> => client.get(flowSchemas, { name: 'everybody' });
  await host.clock.advance(900);
  assert.deepEqual((await everybody()).status.conditions ?? [], [], 'its level may be on its way');
  const what = 'This FlowSchema references the PriorityLevelConfiguration object named "small"';
  assert.deepEqual(await dangling(), ['Dangling', 'False', 'Found', `${what} and it exists`]);
  await client.delete(priorityLevelConfigurations, { name: 'small' });
  assert.deepEqual(await dangling(), ['Dangling', 'True', 'NotFound', `${what} but there is no such object`]);
  leaseOf(flow.acquire(asked('get'), user('jane'), 60_000, NOBODY));
  assert.equal(executing(flow)[0]?.asked.schema, 'catch-all');
});

test('nothing is adjusted while nobody asks; the next request finds it as if it had been', async () => {
  const { flow, ask, host } = await controlled();
  const startMs = host.clock.monotonicMs();
  const seconds: number[] = [];
  const { levels } = flow;
  const adjust = levels.adjust.bind(levels);
  levels.adjust = (nowMs) => {
    seconds.push((nowMs - startMs) / 1000);
    adjust(nowMs);
  };
  const adjusted = (): number[] => seconds.splice(0);
  const lease = leaseOf(ask('jane'));
  await host.clock.advance(25_000);
  assert.deepEqual(adjusted(), [10, 20], 'somebody is served');
  lease.end();
  await host.clock.advance(35_000);
  assert.deepEqual(adjusted(), [30]);
  leaseOf(ask('jane')).end();
  assert.deepEqual(adjusted(), [40, 50, 60]);
  await host.clock.advance(86_400_000);
  assert.deepEqual(adjusted(), [70]);
  leaseOf(ask('jane')).end();
  const caughtUp = adjusted();
  assert.deepEqual([caughtUp.length, caughtUp.at(-1)], [60, 86_460], 'after ten minutes all is forgotten');
});

test('the tables of what goes on', async () => {
  const { flow, ask, host } = await controlled(1);
  leaseOf(ask('jane', asked('list')));
  void ask('jane', asked('get', '', { name: 'p' }));
  const handler = new FlowDebugHandler(flow, host.clock);
  const table = async (what: string, query = ''): Promise<string[][]> => {
    const url = `/debug/api_priority_and_fairness/dump_${what}`;
    const { promise, resolve } = Promise.withResolvers<TestAnswer>();
    void handler.handle(url, exchangeOf(url, {}, resolve), new URLSearchParams(query));
    const lines = (await promise).body.toString().trimEnd().split('\n');
    return lines.map((line) => line.split(/, */));
  };
  const level = (await table('priority_levels')).find(([name]) => name === 'small');
  assert.deepEqual(level, ['small', '1', 'false', 'false', '1', '1', '1', '0', '0', '0']);
  const queue = (await table('queues')).find((row) => row[2] === '1');
  assert.deepEqual(queue?.slice(3), ['1', '1', '0.00300000ss', '1', '1', '0.00300000ss']);
  const [head, waiting, running] = await table('requests', 'includeRequestDetails=1');
  assert.deepEqual(head?.slice(0, 4), [
    'PriorityLevelName',
    'FlowSchemaName',
    'QueueIndex',
    'RequestIndexInQueue',
  ]);
  assert.deepEqual(waiting?.slice(9), [
    ...['0001-01-01T00:00:00Z', 'jane', 'get', '/api/v1/namespaces/a/pods/p'],
    ...['a', 'p', 'v1', 'pods', ''],
  ]);
  assert.deepEqual(running?.slice(3, 5), ['-1', 'jane']);
});

const SERVICE_MS = 10;
const LIGHT_REQUESTS = 100;

/** Latencies of a light user's requests, one after the other, each taking `SERVICE_MS` on the server. */
async function lightLatencies(flooders: number): Promise<{ latencies: number[]; flooded: number }> {
  const { host, client, store } = createTestPipeline();
  await ensureFlowObjects(client);
  const flow = new FlowControl({ store, clock: host.clock, logger: silentLogger });
  flow.start();
  const { clock } = host;
  const serve = async (name: string): Promise<boolean> => {
    const lease = await flow.acquire(asked('get'), user(name), 60_000, NOBODY);
    await clock.sleep(SERVICE_MS);
    if (lease.admitted) lease.end();
    return lease.admitted;
  };
  let isOver = false;
  let flooded = 0;
  const flood = async (): Promise<void> => {
    while (!isOver) if (await serve('flood')) flooded++;
  };
  const latencies: number[] = [];
  const light = async (): Promise<void> => {
    for (let i = 0; i < LIGHT_REQUESTS; i++) {
      const before = clock.monotonicMs();
      assert.ok(await serve('light'), 'never refused');
      latencies.push(clock.monotonicMs() - before);
      await clock.sleep(1);
    }
    isOver = true;
  };
  const all = [light(), ...Array.from({ length: flooders }, flood)];
  for (let i = 0; i < 10 * LIGHT_REQUESTS && !isOver; i++) await clock.advance(SERVICE_MS);
  await clock.advance(60 * SERVICE_MS);
  await Promise.all(all);
  return { latencies: latencies.toSorted((a, b) => a - b), flooded };
}

test('a flood from one user does not slow another on the same level: p99 within three times', async () => {
  const alone = await lightLatencies(0);
  const crowded = await lightLatencies(400);
  const [unloaded, loaded] = [alone.latencies[98] ?? 0, crowded.latencies[98] ?? 0];
  assert.equal(unloaded, SERVICE_MS);
  assert.ok(loaded <= 3 * unloaded, `${loaded} ms beside a flood, ${unloaded} ms without`);
  assert.ok(crowded.flooded > 40 * LIGHT_REQUESTS, 'and the seats that it leaves are used');
});
