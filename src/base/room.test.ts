import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { withRoom } from './room.ts';

const COUNT = 20_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that an object with so many fields takes. */
function size(fields: number, make: () => { [name: string]: unknown }): number {
  const made = (): unknown => {
    const object = make();
    for (let i = 0; i < fields; i++) object[`name${i}`] = true;
    return object;
  };
  const all = new Array<unknown>(COUNT).fill(undefined);
  for (let i = 0; i < 1000; i++) made();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < COUNT; i++) all[i] = made();
  collect();
  const bytes = process.memoryUsage().heapUsed - before;
  assert.equal(all.length, COUNT);
  return bytes / COUNT;
}

test('an object with room for its fields takes no more than them and a head of three words', () => {
  for (const fields of [1, 5, 8, 17, 32]) {
    const bytes = size(fields, () => withRoom(fields));
    assert.ok(bytes < (fields + 3) * 8 + 4, `${fields} fields take ${bytes} bytes`);
  }
  assert.ok(size(8, () => ({})) > size(8, () => withRoom(8)) + 12);
});

test('it is a plain object with any number of fields', () => {
  for (const fields of [0, 1, 7, 33, 1000]) {
    const object = withRoom(fields);
    assert.deepEqual(object, {});
    assert.equal(Object.getPrototypeOf(object), Object.prototype);
    for (let i = 0; i < 40; i++) object[`name${i}`] = i;
    assert.equal(Object.keys(object).length, 40);
    assert.deepEqual(structuredClone(object), object);
  }
});
