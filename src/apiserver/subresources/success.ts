/** The answer of a subresource that has no object to show. */

import type { Outcome } from '../../client/operation.ts';

export const CREATED: Outcome = {
  type: 'status',
  status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
};
