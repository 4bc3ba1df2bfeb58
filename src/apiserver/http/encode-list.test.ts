/** Long lists: the same bytes as of the whole, never much of them at once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { cborList, decodeCbor, encodeCbor } from '../../api/cbor/cbor.ts';
import type { ListPieces } from '../../api/schema/list-pieces.ts';
import { messageOfKind } from '../../api/schema/message-of-kind.ts';
import { encodeProtobuf, protobufList } from '../../api/schema/protobuf.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { present } from '../../base/assert.ts';
import { createTestFront, exchangeOf } from './front.fixture.ts';
import type { Exchange } from './exchange.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const MANY = 1200;
const BIG = 5000;
/** A slice has at most 256 KB and the item that goes beyond. */
const SLICE_MAX = 256 * 1024 + BIG + 1000;

const { ask, handle, test: fixture } = createTestFront();
const find = messageOfKind(fixture.resources.schemas);
const messageOf = ({ apiVersion, kind }: JsonObject) =>
  present(find(String(apiVersion), String(kind)), String(kind));

for (let i = 0; i < MANY; i++) {
  const metadata = { name: `map-${i}`, labels: { app: `app-${i % 7}` } };
  await ask(MAPS, { method: 'POST', body: JSON.stringify({ metadata, data: { text: 'x'.repeat(BIG) } }) });
}

interface Read {
  readonly chunks: readonly Buffer[];
  /** The most bytes that were queued and not yet taken. */
  readonly queuedMax: number;
  /** Turns of the event loop from the request to the end of the answer. */
  readonly turns: number;
}

/** Reads an answer as a slow client, who takes a write only some turns later. */
async function readSlowly(accept: string): Promise<Read> {
  const chunks: Buffer[] = [];
  let queued = 0;
  let queuedMax = 0;
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const exchange: Exchange = {
    ...exchangeOf(MAPS, { headers: { accept } }, () => resolve(undefined)),
    startStream: () => ({
      write: (chunk) => {
        const bytes = Buffer.from(chunk);
        chunks.push(bytes);
        queued += bytes.length;
        queuedMax = Math.max(queuedMax, queued);
        return false;
      },
      drained: async () => {
        for (let i = 0; i < 3; i++) await new Promise((done) => setImmediate(done));
        queued = 0;
      },
      end: () => resolve(undefined),
      destroy: () => resolve(undefined),
    }),
  };
  void handle(exchange);
  await promise;
  isOver = true;
  return { chunks, queuedMax, turns };
}

const list = JSON.parse((await ask(MAPS)).body.toString()) as JsonObject;

for (const [format, encode] of [
  [PROTOBUF, (value: JsonObject) => encodeProtobuf(messageOf(value), value)],
  ['application/cbor', encodeCbor],
] as const) {
  test(`${format}: slices make the very bytes of the whole list, and few are queued`, async () => {
    const { chunks, queuedMax, turns } = await readSlowly(format);
    const bytes = Buffer.concat(chunks);
    assert.equal((list['items'] as readonly JsonObject[]).length, MANY);
    assert.ok(bytes.equals(encode(list)), 'the same bytes');
    assert.ok(queuedMax <= SLICE_MAX, `${queuedMax} bytes were queued at once`);
    assert.ok(chunks.length >= (MANY * BIG) / SLICE_MAX, `${chunks.length} writes`);
    assert.ok(turns >= chunks.length, `${turns} turns`);
  });
}

test('a client that goes away while a list is measured gets nothing', async () => {
  const abort = new AbortController();
  let isAnswered = false;
  const plain = exchangeOf(MAPS, { headers: { accept: PROTOBUF } }, () => (isAnswered = true));
  const done = handle({ ...plain, signal: abort.signal });
  setImmediate(() => abort.abort());
  await done;
  assert.equal(isAnswered, false);
});

function joined(pieces: ListPieces, items: readonly JsonObject[]): Buffer {
  const itemBytes = items.reduce((sum, item) => sum + (pieces.sizeOf?.(item) ?? 0), 0);
  const parts = [pieces.start(itemBytes), ...items.map((item, i) => pieces.item(item, i)), pieces.end()];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

test('every list of pieces is the whole list', () => {
  const head = fc.record({
    kind: fc.constantFrom('ConfigMapList', 'PodList'),
    apiVersion: fc.constant('v1'),
    metadata: fc.record(
      { resourceVersion: fc.string(), continue: fc.string(), remainingItemCount: fc.nat() },
      { requiredKeys: ['resourceVersion'] },
    ),
  });
  const item = fc.record({ metadata: fc.record({ name: fc.string(), uid: fc.string({ maxLength: 300 }) }) });
  fc.assert(
    fc.property(head, fc.array(item), (first, items) => {
      const value = { ...first, items };
      const protobuf = present(protobufList(messageOf(first), first), 'pieces');
      assert.ok(joined(protobuf, items).equals(encodeProtobuf(messageOf(first), value)));
      const cbor = joined(cborList(first, items.length), items);
      assert.ok(cbor.equals(encodeCbor(value)));
      assert.deepEqual(decodeCbor(cbor), {
        ok: true,
        value: JSON.parse(JSON.stringify(value)) as JsonObject,
      });
    }),
    games(),
  );
});

test('every list kind that the server serves can be sent in pieces', () => {
  let kinds = 0;
  for (const { definition, apiVersion } of fixture.resources.all()) {
    const kind = definition.listKind ?? `${definition.kind}List`;
    const message = find(apiVersion, kind);
    if (message === undefined) continue;
    const head = { kind, apiVersion, metadata: { resourceVersion: '1' } };
    assert.notEqual(protobufList(message, head), undefined, kind);
    kinds++;
  }
  assert.ok(kinds > 50, `${kinds} kinds`);
});
