/** From an outcome to bytes on the wire. */

import type { Resource } from '../../api/resource.ts';
import type { Outcome } from '../../client/operation.ts';
import { respondValue, viewOf, type ResponseShape } from './answer.ts';
import { respondCompressed } from './compress.ts';
import { respondList } from './encode-list.ts';
import { respondWatch } from './encode-watch.ts';
import type { Exchange } from './exchange.ts';

export async function respondOutcome(
  exchange: Exchange,
  outcome: Outcome,
  resource: Resource,
  shape: ResponseShape,
): Promise<void> {
  switch (outcome.type) {
    case 'object':
      return respondObject(exchange, outcome, resource, shape);
    case 'status':
      return respondValue(exchange, outcome.status['code'] === 201 ? 201 : 200, outcome.status, shape);
    case 'list':
      return respondList(exchange, outcome.list, resource, shape);
    case 'watch':
      return respondWatch(exchange, outcome.batches, resource, shape);
  }
}

async function respondObject(
  exchange: Exchange,
  outcome: Extract<Outcome, { type: 'object' }>,
  resource: Resource,
  shape: ResponseShape,
): Promise<void> {
  const status = outcome.created ? 201 : 200;
  const { codec, view, pretty } = shape;
  if (view === 'object' && codec.format === 'json' && !pretty && outcome.bytes !== undefined) {
    const headers = { 'content-type': codec.mediaType, ...shape.headers() };
    return respondCompressed(exchange, status, headers, outcome.bytes());
  }
  return respondValue(exchange, status, viewOf(outcome.object, resource, shape), shape);
}
