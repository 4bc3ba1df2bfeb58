/**
 * The continue token of paginated lists: which revision the list shows, and after which key it goes on.
 * Opaque to clients; everything in it is checked, since clients can send anything.
 */

import { badRequestError } from '../../api/meta/api-error.ts';

export interface Continuation {
  readonly revision: number;
  /** Relative to the collection's prefix, exclusive. */
  readonly after: string;
}

export function encodeContinue({ revision, after }: Continuation): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: after })).toString(
    'base64url',
  );
}

export function decodeContinue(token: string): Continuation {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (
      typeof parsed === 'object' &&
      parsed !== null &&
      'v' in parsed &&
      'rv' in parsed &&
      'start' in parsed
    ) {
      const { v, rv, start } = parsed;
      const valid = v === 'meta.k8s.io/v1' && Number.isSafeInteger(rv) && typeof start === 'string';
      if (valid && !start.includes('..')) return { revision: Number(rv), after: start };
    }
  } catch (cause) {
    throw badRequestError('continue key is not valid: it is not a token of this server', cause);
  }
  throw badRequestError('continue key is not valid: it is not a token of this server');
}
