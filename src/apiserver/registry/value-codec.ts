/** How API objects lie in the store: as JSON, with the revision as `metadata.resourceVersion`. */

import type { KubernetesObject } from '../../api/meta/object.ts';
import { withPartsOf } from '../../api/meta/shared-parts.ts';
import type { ValueCodec } from '../../store/store.ts';

export const objectCodec: ValueCodec<KubernetesObject> = {
  stamp: (object, revision) => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(revision) },
  }),
  share: (object, model) => (object.kind === model.kind ? withPartsOf(object, model) : object),
  encode: (object) => JSON.stringify(object),
  decode: (bytes) =>
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as KubernetesObject,
};
