/** The index of pods by the node they are bound to. */

import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Informers } from '../../client/informer/informer.ts';

/** Index name; the empty value holds the pods without a node. */
export const BY_NODE = 'node';

export function indexByNode(informers: Informers): void {
  informers.index(pods, BY_NODE, ({ spec }) => [spec.nodeName ?? '']);
}
