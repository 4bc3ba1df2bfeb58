/** Whether something is said of a field of a message or of anything below it, so that walks can pass by the rest. */

import { unreachable } from '../../base/assert.ts';
import type { Field, FieldType, MessageSchema } from './schema.ts';

/** `skip`: neither the field nor anything below it counts. */
export type SaidOfField = 'yes' | 'no' | 'skip';

/** Remembers its answers: messages do not change. */
export function anywhere(
  said: (field: Field, owner: MessageSchema) => SaidOfField,
): (message: MessageSchema) => boolean {
  const answers = new WeakMap<MessageSchema, boolean>();
  const ask = (message: MessageSchema, open: Set<MessageSchema>): boolean => {
    const known = answers.get(message);
    if (known !== undefined) return known;
    if (open.has(message)) return false;
    open.add(message);
    let found = false;
    for (const field of message.byName.values()) {
      const answer = said(field, message);
      if (answer === 'skip') continue;
      const below = messageBehind(field.type);
      found ||= answer === 'yes' || (below !== undefined && ask(below, open));
    }
    open.delete(message);
    // A "no" that rests on a message still open is not final.
    if (found || open.size === 0) answers.set(message, found);
    return found;
  };
  return (message) => ask(message, new Set());
}

function messageBehind(type: FieldType): MessageSchema | undefined {
  switch (type.form) {
    case 'message':
      return type.message;
    case 'list':
      return messageBehind(type.items);
    case 'map':
      return messageBehind(type.values);
    case 'scalar':
      return undefined;
    default:
      return unreachable(type);
  }
}
