/** `meta/v1.ObjectMeta`, for rules that judge metadata without a server's schemas at hand. */

import { present } from '../../base/assert.ts';
import { metaV1 } from './definitions/meta-v1.ts';
import { parseNotation } from './notation.ts';
import type { MessageSchema } from './schema.ts';

let parsed: MessageSchema | undefined;

/** Parsed when it is first needed, some milliseconds. */
export function objectMetaSchema(): MessageSchema {
  parsed ??= present(parseNotation([metaV1]).get('meta/v1')?.messages.get('ObjectMeta'), 'ObjectMeta');
  return parsed;
}
