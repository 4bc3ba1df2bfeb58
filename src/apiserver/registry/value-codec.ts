/** How API objects lie in the store: as JSON, with the revision as `metadata.resourceVersion`. */

import type { KubernetesObject } from '../../api/meta/object.ts';
import { withPartsOf } from '../../api/meta/shared-parts.ts';
import { SimilarTexts } from '../../api/meta/similar-texts.ts';
import type { ValueCodec } from '../../store/store.ts';

export const objectCodec: ValueCodec<KubernetesObject> = {
  stamp: (object, revision) => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(revision) },
  }),
  share: (object, model) => (object.kind === model.kind ? withPartsOf(object, model) : object),
  encode: (object) => JSON.stringify(object),
  decode: (bytes) => JSON.parse(textOf(bytes)) as KubernetesObject,
  decoder: () => {
    const texts = new SimilarTexts();
    return (bytes) => texts.parse(textOf(bytes)) as KubernetesObject;
  },
};

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
