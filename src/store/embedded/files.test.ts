import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileName, parseFileName, removable, type StoreFile } from './files.ts';

const log = (revision: number, bytes: number, timeMs: number): StoreFile => ({
  type: 'log',
  revision,
  bytes,
  timeMs,
});
const snapshot = (revision: number, bytes: number): StoreFile => ({
  type: 'snapshot',
  revision,
  bytes,
  timeMs: 0,
});
const names = (files: readonly StoreFile[]): string[] => files.map((f) => `${f.type} ${f.revision}`);

test('names', () => {
  assert.equal(fileName('log', 12), '0000000000000012.log');
  assert.deepEqual(parseFileName('0000000000000012.snapshot'), { type: 'snapshot', revision: 12 });
  for (const other of ['lock', '12.log', '0000000000000012.log.new'])
    assert.equal(parseFileName(other), undefined);
});

test('only history goes, oldest first, without holes', () => {
  const files = [
    log(1, 10, 0),
    log(11, 10, 100),
    snapshot(20, 5),
    log(21, 10, 200),
    snapshot(30, 5),
    log(31, 10, 300),
  ];
  const gone = (maxBytes: number, maxAgeMs: number, now: number): string[] =>
    names(removable(files, { maxBytes, maxAgeMs }, now));
  assert.deepEqual(gone(1000, 1000, 400), []);
  assert.deepEqual(gone(30, 1000, 400), ['log 1']);
  assert.deepEqual(gone(15, 1000, 400), ['log 1', 'log 11']);
  assert.deepEqual(gone(0, 1000, 400), ['log 1', 'log 11', 'log 21', 'snapshot 20']);
  // A log is as old as its last commit: the second one ended at 200.
  assert.deepEqual(gone(1000, 250, 400), ['log 1']);
  assert.deepEqual(gone(1000, 150, 400), ['log 1', 'log 11']);
});

test('without a snapshot everything is needed', () => {
  assert.deepEqual(removable([log(1, 10, 0), log(11, 10, 0)], { maxBytes: 0, maxAgeMs: 0 }, 1e9), []);
});
