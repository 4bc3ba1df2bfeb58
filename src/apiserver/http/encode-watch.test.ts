import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchBatch, WatchFrame } from '../../client/operation.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';
import type { ResponseShape } from './answer.ts';
import { jsonCodec } from './codecs.ts';
import { respondWatch } from './encode-watch.ts';
import type { Exchange, ResponseStream } from './exchange.ts';
import { exchangeOf } from './front.fixture.ts';

const shape: ResponseShape = {
  codec: jsonCodec,
  view: 'object',
  metaVersion: 'v1',
  includeObject: 'Metadata',
  nowMs: 0,
  pretty: false,
  signal: new AbortController().signal,
  headers: () => ({}),
};

/** What a client gets, piece by piece, and how its stream ended. */
function recorded(): { readonly exchange: Exchange; readonly seen: string[] } {
  const seen: string[] = [];
  const stream: ResponseStream = {
    write: (chunk) => {
      seen.push(Buffer.from(chunk).toString());
      return true;
    },
    drained: () => Promise.resolve(),
    end: () => void seen.push('end'),
    destroy: () => void seen.push('broken'),
  };
  return { seen, exchange: { ...exchangeOf('/', {}, () => {}), startStream: () => stream } };
}

function frame(name: string): WatchFrame {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
  return { type: 'ADDED', object, bytes: () => Buffer.from(JSON.stringify(object)) };
}

const text = (name: string): string =>
  `{"type":"ADDED","object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}}\n`;

const { resources } = createTestPipeline();
const maps = resources.find('', 'v1', 'configmaps');

test('the events of a batch come in one piece, and the stream ends after the last', async () => {
  assert.ok(maps !== undefined);
  async function* batches(): AsyncGenerator<WatchBatch> {
    yield { type: 'frames', frames: [frame('a'), frame('b')] };
    yield { type: 'frames', frames: [frame('c')] };
  }
  const { exchange, seen } = recorded();
  await respondWatch(exchange, batches(), maps, shape);
  assert.deepEqual(seen, [text('a') + text('b'), text('c'), 'end']);
});

test('a watch that fails breaks its stream: its client must not take silence for quiet', async () => {
  assert.ok(maps !== undefined);
  async function* batches(): AsyncGenerator<WatchBatch> {
    yield { type: 'frames', frames: [frame('a')] };
    throw new Error('the disk burns');
  }
  const { exchange, seen } = recorded();
  await assert.rejects(respondWatch(exchange, batches(), maps, shape), /the disk burns/);
  assert.deepEqual(seen, [text('a'), 'broken']);
});
