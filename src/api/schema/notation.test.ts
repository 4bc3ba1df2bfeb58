import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNotation } from './notation.ts';

const HEAD = `group demo
version v1
protobuf k8s.io.api.demo.v1
openapi io.k8s.api.demo.v1
`;

describe('the notation', () => {
  it('gives a message the fields below it, comments and blank lines left out', () => {
    const text = `${HEAD}
# what follows is about parts
kind Machine
  parts 2 []Part

# between fields
  name  1 string required
message Part
message Empty
message Names wraps []string
`;
    const messages = parseNotation([text]).get('demo/v1')?.messages;
    assert.deepEqual([...(messages?.keys() ?? [])], ['Machine', 'Part', 'Empty', 'Names']);
    const machine = messages?.get('Machine');
    assert.equal(machine?.name, 'io.k8s.api.demo.v1.Machine');
    assert.equal(machine.isKind, true);
    assert.deepEqual(
      machine.fields.map(({ name, number, required }) => [name, number, required]),
      [
        ['parts', 2, false],
        ['name', 1, true],
      ],
    );
    assert.deepEqual(messages?.get('Part')?.fields, []);
    assert.deepEqual(messages.get('Names')?.wraps, {
      form: 'list',
      items: { form: 'scalar', scalar: 'string' },
    });
  });

  it('refuses fields of no message, and two messages of one name', () => {
    for (const text of [`${HEAD}  name 1 string\nkind Machine\n`, `  name 1 string\n${HEAD}`])
      assert.throws(() => parseNotation([text]), /needs a message before it/);
    assert.throws(() => parseNotation([`${HEAD}kind Part\nmessage Part\n`]), /message Part stands twice/);
  });
});
