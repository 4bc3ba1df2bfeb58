import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LogOptions } from '../../client/node-operations.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { parseLogLine } from './cri-log.ts';
import type { LogFile } from './logs.ts';
import { readLog } from './read-log.ts';

const LOG = [
  '2026-01-01T00:00:01.000000001Z stdout F one',
  '2026-01-01T00:00:02.5Z stderr F two',
  '2026-01-01T00:00:03Z stdout P thr',
  '2026-01-01T00:00:03Z stdout F ee',
  'torn',
  '2026-01-01T00:00:04Z stdout F ',
  '2026-01-01T00:00:05Z stdout F  five ',
]
  .map((line) => `${line}\n`)
  .join('');

class Growing implements LogFile {
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  async size(): Promise<number> {
    return Buffer.byteLength(this.text);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return Buffer.from(this.text).subarray(offset, offset + length);
  }
}

const plain: LogOptions = { follow: false, previous: false, timestamps: false };

async function read(options: Partial<LogOptions>, text = LOG): Promise<string> {
  const { clock } = createSimulatedHost(1, { startMs: Date.UTC(2026, 0, 1, 0, 0, 10) });
  const follow = { clock, signal: new AbortController().signal, isOver: () => true };
  const chunks: Uint8Array[] = [];
  for await (const chunk of readLog(new Growing(text), { ...plain, ...options }, follow)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const cases: readonly (readonly [Partial<LogOptions>, string])[] = [
  [{}, 'one\ntwo\nthree\n\n five \n'],
  [{ stream: 'Stderr' }, 'two\n'],
  [{ tailLines: 1 }, ' five \n'],
  [{ tailLines: 2 }, '\n five \n'],
  [{ tailLines: 0 }, ''],
  [{ tailLines: 100 }, 'one\ntwo\nthree\n\n five \n'],
  [{ sinceSeconds: 6 }, '\n five \n'],
  [{ sinceTime: '2026-01-01T00:00:04Z' }, '\n five \n'],
  [{ limitBytes: 5 }, 'one\nt'],
  [{ timestamps: true, tailLines: 1 }, '2026-01-01T00:00:05Z  five \n'],
];

for (const [options, wanted] of cases) {
  test(`log: ${JSON.stringify(options)}`, async () => assert.equal(await read(options), wanted));
}

test('long logs are read in pieces, and tailed from their end', async () => {
  const lines = Array.from(
    { length: 5_000 },
    (_, i) => `2026-01-01T00:00:01Z stdout F line ${i} ${'x'.repeat(40)}\n`,
  );
  const text = lines.join('');
  assert.equal((await read({}, text)).split('\n').length, 5_001);
  assert.equal((await read({ tailLines: 3_000 }, text)).split('\n')[0]?.startsWith('line 2000 '), true);
});

test('following goes on over rotation, and ends with the container', async () => {
  const { clock } = createSimulatedHost(1);
  const file = new Growing('2026-01-01T00:00:01Z stdout F first line\n');
  let isOver = false;
  const got: string[] = [];
  const reading = (async () => {
    const follow = { clock, signal: new AbortController().signal, isOver: () => isOver };
    for await (const chunk of readLog(file, { ...plain, follow: true }, follow))
      got.push(Buffer.from(chunk).toString());
  })();
  await clock.advance('1s');
  file.text += '2026-01-01T00:00:02Z stdout F sec';
  await clock.advance('1s');
  file.text += 'ond\n';
  await clock.advance('1s');
  file.text = '2026-01-01T00:00:03Z stdout F new\n';
  await clock.advance('1s');
  file.text += '2026-01-01T00:00:03Z stdout F last\n';
  isOver = true;
  await clock.advance('1s');
  await reading;
  assert.deepEqual(got, ['first line\n', 'second\n', 'new\n', 'last\n']);
});

test('lines of the format', () => {
  const text = (line: string): string | undefined => {
    const entry = parseLogLine(Buffer.from(line));
    return entry === undefined ? undefined : `${entry.stream} ${entry.isPartial} ${Buffer.from(entry.text)}`;
  };
  assert.equal(text('t stdout F a b'), 'stdout false a b');
  assert.equal(text('t stderr P:x a'), 'stderr true a');
  assert.equal(text('t stdout F'), 'stdout false ');
  for (const line of ['', 't', 't stdout', 't stdin F x', 't stdout X x'])
    assert.equal(text(line), undefined);
});
