/**
 * Kinds with several served versions store one, the hub. What a client asks of another version is carried
 * out on the hub, and the answer converted back. (Bodies of writes are converted where they are decoded.)
 */

import { parseFieldSelector } from '../../api/fields/field-selector.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { StoredAs } from '../../api/meta/resource-definition.ts';
import type { Selection } from '../../client/client.ts';
import type { Operation, Outcome, WatchBatch, WatchFrame } from '../../client/operation.ts';

/** The same question in the words of the hub. Its version of the target stays, since no stage looks at it. */
export function onHub(operation: Operation, storedAs: StoredAs<KubernetesObject>): Operation {
  switch (operation.verb) {
    case 'list':
    case 'watch':
    case 'deletecollection':
      return { ...operation, selection: translate(operation.selection, storedAs.fieldNames ?? {}) };
    default:
      return operation;
  }
}

function translate(selection: Selection, names: { readonly [name: string]: string }): Selection {
  const parsed = parseFieldSelector(selection.fieldSelector ?? '');
  // What cannot be parsed is refused where selectors are compiled.
  if (!parsed.ok || parsed.value.length === 0) return selection;
  const terms = parsed.value.map(({ field, equal, value }) => {
    const escaped = value.replace(/[\\,=]/g, (char) => `\\${char}`);
    return `${names[field] ?? field}${equal ? '=' : '!='}${escaped}`;
  });
  return { ...selection, fieldSelector: terms.join(',') };
}

export function fromHub(outcome: Outcome, storedAs: StoredAs<KubernetesObject>): Outcome {
  switch (outcome.type) {
    case 'object':
      return { type: 'object', object: storedAs.fromHub(outcome.object), created: outcome.created };
    case 'list': {
      const items = outcome.list.items.map((item) => storedAs.fromHub(item));
      const { hotBytes: _ofHub, ...list } = outcome.list;
      return { type: 'list', list: { ...list, items } };
    }
    case 'watch':
      return { ...outcome, batches: convertBatches(outcome.batches, storedAs) };
    case 'status':
      return outcome;
  }
}

async function* convertBatches(
  batches: AsyncIterable<WatchBatch>,
  storedAs: StoredAs<KubernetesObject>,
): AsyncGenerator<WatchBatch> {
  for await (const batch of batches) {
    if (batch.type !== 'frames') yield batch;
    else yield { ...batch, frames: batch.frames.map((frame) => convertFrame(frame, storedAs)) };
  }
}

function convertFrame({ type, object }: WatchFrame, storedAs: StoredAs<KubernetesObject>): WatchFrame {
  const converted = storedAs.fromHub(object);
  return { type, object: converted, bytes: () => Buffer.from(JSON.stringify(converted)) };
}
