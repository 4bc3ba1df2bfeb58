import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../api/time/time.ts';
import type { ContainerState, Node, Pod } from '../api/types.gen.ts';
import type { LogOptions, NodeOperations, ProcessStreams } from '../client/node-operations.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { playedOperations } from './played-node.ts';

const START = Date.parse('2026-01-02T03:04:05Z');
const REF = { namespace: 'default', pod: 'web', uid: 'u1', container: 'app' };
const PLAIN: LogOptions = { follow: false, previous: false, timestamps: false };
const NEVER = new AbortController().signal;
const RUNNING: ContainerState = { running: { startedAt: formatTime(START) } };

interface World {
  readonly operations: NodeOperations;
  readonly clock: ReturnType<typeof createSimulatedHost>['clock'];
  set(state: ContainerState | undefined): void;
}

function world(state: ContainerState | undefined, script = 'echo one; sleep 10; echo two; serve'): World {
  const { clock } = createSimulatedHost(1, { startMs: START });
  let pod: Pod | undefined;
  const set = (next: ContainerState | undefined): void => {
    pod = {
      metadata: { name: 'web', namespace: 'default', uid: 'u1' },
      spec: { nodeName: 'fleet-0', containers: [{ name: 'app', command: ['sh', '-c', script] }] },
      status: next === undefined ? {} : { containerStatuses: [{ name: 'app', state: next }] },
    } as unknown as Pod;
  };
  set(state);
  const operations = playedOperations('fleet-0', { clock, nodeOf: () => nodeOf('True'), podOf: () => pod });
  assert.ok(operations !== undefined);
  return { operations, clock, set };
}

function nodeOf(ready: string, labels: object = { 'fleet.k8ts.dev/name': 'fleet' }): Node {
  const status = { conditions: [{ type: 'Ready', status: ready }] };
  return { metadata: { name: 'fleet-0', labels }, spec: {}, status } as unknown as Node;
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

function streams(): { readonly streams: ProcessStreams; readonly out: string[]; readonly err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (list: string[]) => async (chunk: Uint8Array) => {
    if (chunk.length > 0) list.push(Buffer.from(chunk).toString());
  };
  return {
    out,
    err,
    streams: { stdin: undefined, stdout: into(out), stderr: into(err), resizes: undefined },
  };
}

test('a log is what the command line foretells, up to now or to the end', async () => {
  const { operations, clock, set } = world(RUNNING);
  assert.equal(await text(operations.logs(REF, PLAIN, NEVER)), 'one\n');
  await clock.advance('10s');
  assert.equal(await text(operations.logs(REF, PLAIN, NEVER)), 'one\ntwo\n');
  assert.equal(await text(operations.logs(REF, { ...PLAIN, tailLines: 1 }, NEVER)), 'two\n');
  const stamped = await text(operations.logs(REF, { ...PLAIN, timestamps: true, tailLines: 1 }, NEVER));
  assert.equal(stamped, '2026-01-02T03:04:15.000000000Z two\n');
  const times = { startedAt: formatTime(START), finishedAt: formatTime(START + 5_000) };
  set({ terminated: { exitCode: 1, ...times } });
  assert.equal(await text(operations.logs(REF, PLAIN, NEVER)), 'one\n');
});

test('a log is followed to the end of the container', async () => {
  const { operations, clock, set } = world(RUNNING);
  const read = text(operations.logs(REF, { ...PLAIN, follow: true }, NEVER));
  await clock.advance('11s');
  set({ terminated: { exitCode: 0, startedAt: formatTime(START), finishedAt: formatTime(START + 11_000) } });
  await clock.advance('1s');
  assert.equal(await read, 'one\ntwo\n');
});

test('commands answer as on a simulated node', async () => {
  const { operations, clock } = world(RUNNING);
  const one = streams();
  const command = ['sh', '-c', 'echo hi; sleep 2; exit 3'];
  const run = operations.exec(REF, { command, tty: false }, one.streams, NEVER);
  await clock.advance('2s');
  assert.deepEqual(await run, { exitCode: 3 });
  assert.deepEqual([one.out, one.err], [['hi\n'], []]);
});

test('what cannot be done is refused in the words of a kubelet', async () => {
  const waiting = world({ waiting: { reason: 'ContainerCreating' } });
  const none = streams().streams;
  const exec = (operations: NodeOperations): Promise<unknown> =>
    operations.exec(REF, { command: ['true'], tty: false }, none, NEVER);
  await assert.rejects(text(waiting.operations.logs(REF, PLAIN, NEVER)), {
    message: 'container "app" in pod "web" is waiting to start: ContainerCreating',
  });
  await assert.rejects(exec(waiting.operations), { message: 'container not found ("app")' });
  const ended = world({ terminated: { exitCode: 0 } });
  await assert.rejects(exec(ended.operations), /cannot exec in a stopped container/);
  const { operations } = world(RUNNING);
  await assert.rejects(text(operations.logs(REF, { ...PLAIN, previous: true }, NEVER)), {
    message: 'previous terminated container "app" in pod "web" not found',
  });
  await assert.rejects(text(operations.logs({ ...REF, uid: 'u0' }, PLAIN, NEVER)), { code: 404 });
  await assert.rejects(operations.portForward(REF, 80, NEVER), /has no ports to forward/);
});

test('a node with a kubelet, a silent one and one that is gone are not played', () => {
  const { clock } = createSimulatedHost(1);
  const of = (node: Node | undefined): unknown =>
    playedOperations('fleet-0', { clock, nodeOf: () => node, podOf: () => undefined });
  assert.equal(of(nodeOf('True', {})), undefined);
  assert.equal(of(nodeOf('Unknown')), undefined);
  assert.equal(of(undefined), undefined);
  assert.notEqual(of(nodeOf('True')), undefined);
});
