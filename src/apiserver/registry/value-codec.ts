/** How API objects lie in the store: as JSON, with the revision as `metadata.resourceVersion`. */

import type { KubernetesObject } from '../../api/meta/object.ts';
import { packed } from '../../api/meta/own-key.ts';
import { withPartsOf } from '../../api/meta/shared-parts.ts';
import { SimilarTexts } from '../../api/meta/similar-texts.ts';
import type { ValueCodec } from '../../store/store.ts';
import { mayExceed, OBJECT_MAX_BYTES } from './object-size.ts';

/** What stands before the metadata, kind and version, is shorter than this. */
const HEAD_LENGTH = 200;

/** As which events are stored; a custom kind of that name may have many readers. */
const EVENTS_VERSION = 'v1';

export const objectCodec: ValueCodec<KubernetesObject> = {
  stamp: (object, revision) => {
    const metadata = packed(object.metadata, object.metadata.resourceVersion === undefined ? 1 : 0);
    const stamped = packed(object);
    metadata.resourceVersion = String(revision);
    stamped.metadata = metadata;
    return stamped;
  },
  share: (object, model) => (object.kind === model.kind ? withPartsOf(object, model) : object),
  encode: (object) => JSON.stringify(object),
  maxBytes: OBJECT_MAX_BYTES,
  mayExceed,
  decode: (bytes) => JSON.parse(textOf(bytes)) as KubernetesObject,
  isSeldomRead: ({ apiVersion, kind }) => kind === 'Event' && apiVersion === EVENTS_VERSION,
  decoder: () => {
    // By kind, however they are mixed: the objects of one kind are like each other.
    const ofKind = new Map<string, SimilarTexts>();
    return (bytes) => {
      const text = textOf(bytes);
      const head = text.slice(0, HEAD_LENGTH);
      const kind = head.slice(0, Math.max(0, head.indexOf('"metadata"')));
      let texts = ofKind.get(kind);
      if (texts === undefined) ofKind.set(kind, (texts = new SimilarTexts()));
      return texts.parse(text) as KubernetesObject;
    };
  },
};

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
