import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { SimilarTexts } from './similar-texts.ts';

test('only what differs is new', () => {
  const texts = new SimilarTexts();
  const pod = (name: string, ip: string) => ({
    kind: 'Pod',
    metadata: { name, labels: { app: 'x' }, annotations: { [`at-${ip}`]: '', kept: 'yes' } },
    spec: { containers: [{ name: 'main', ports: [{ port: 80 }] }] },
    status: { ips: [{ ip }, { ip: '::1' }] },
  });
  type Pod = ReturnType<typeof pod>;
  const [a, b] = [pod('a', '10.0.0.1'), pod('b"\\', '10.0.0.12')].map(
    (one) => texts.parse(JSON.stringify(one)) as Pod,
  );
  assert(a !== undefined && b !== undefined);
  assert.deepEqual([a, b], [pod('a', '10.0.0.1'), pod('b"\\', '10.0.0.12')]);
  assert.equal(b.spec, a.spec);
  assert.equal(b.metadata.labels, a.metadata.labels);
  assert.equal(b.status.ips[1], a.status.ips[1]);
  assert.notEqual(b.status.ips[0], a.status.ips[0]);
  assert.equal(texts.parse(JSON.stringify(pod('b"\\', '10.0.0.12'))), b);
});

test('a number is not taken for one that begins alike', () => {
  const texts = new SimilarTexts();
  for (const value of [1, 12, 1.5, [1], [12], { a: 1 }, { a: 12 }, { a: 12, b: true }])
    assert.deepEqual(texts.parse(JSON.stringify(value)), value);
});

test('text that was written otherwise', () => {
  const texts = new SimilarTexts();
  for (const text of [
    '{"a":1}',
    '{ "a" : 1 }',
    ' {"a":[1 ,2]}',
    '{"a":1,"a":2}',
    '{"a":[1,2]} ',
    '[ ]',
    '"x"',
  ])
    assert.deepEqual(texts.parse(text), JSON.parse(text), text);
  for (const text of [
    '',
    '{',
    '{"a":1',
    '{"a":}',
    '{"a":1}}',
    '[1,]',
    '{"a" 1}',
    '{"a":1,}',
    '"x',
    '{"a":tru}',
  ])
    assert.throws(() => texts.parse(text), SyntaxError, text);
  assert.deepEqual(texts.parse('{"a":1}'), { a: 1 });
});

/**
 * Names and values from a few, so that texts have much in common; some are hard to read. No name is one
 * escaped character: these `JSON.parse` itself confuses (V8 14.6: `{"a":0,"\":0}`, then `{"a":0,"\"":0}`).
 */
const name = fc.constantFrom('a', 'b', 'f:a', '1', '__proto__', 'constructor', '"b', '\\b', 'ä,}', '');
const scalar = fc.oneof(
  fc.constantFrom('', 'a', '"', '\\', '\\"', 'x}', ']', ',', '\u2028é', '\ud800', 'a long text that is kept'),
  fc.constantFrom(0, 1, 12, -1, 1.5, 1e21, true, false, null),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'large', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}));

test('after a text that was written otherwise', () => {
  for (const [before, text] of [
    ['["}" ,217]', '["}","}",217]'],
    ['[ ]', '[1]'],
    ['[1, 2]', '[1,2,3]'],
    ['[ 1,2]', '[1,2]'],
    ['{"a":1 ,"b":2}', '{"a":1,"b":3}'],
    ['{"a": 1}', '{"a":1,"b":3}'],
    ['{ }', '{"a":1}'],
  ] as const) {
    const texts = new SimilarTexts();
    assert.deepEqual(texts.parse(before), JSON.parse(before), before);
    for (let i = 0; i < 2; i++) assert.deepEqual(texts.parse(text), JSON.parse(text), `${before} ${text}`);
  }
});

test('the values are those of JSON.parse, and stay as they are', () => {
  const property = fc.property(fc.array(value, { minLength: 2, maxLength: 8 }), (values) => {
    const similar = new SimilarTexts();
    const texts = values.map((one) => JSON.stringify(one));
    const parsed = texts.map((text) => similar.parse(text));
    for (const [i, text] of texts.entries()) {
      assert.deepEqual(parsed[i], JSON.parse(text));
      assert.equal(JSON.stringify(parsed[i]), JSON.stringify(JSON.parse(text)));
    }
  });
  fc.assert(property, games(3000));
});
