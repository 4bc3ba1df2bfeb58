/** What matching looks up in a running server. */

import { namespaces } from '../../../api/groups/core/namespace/namespace.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Resource } from '../../../api/resource.ts';
import type { Store } from '../../../store/store.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { World } from './matching.ts';

export interface WorldParts {
  readonly store: Store<KubernetesObject>;
  /** Everything that is served now; the same array as long as nothing changes. */
  readonly resources: { all(): readonly Resource[] };
}

export function worldOf({ store, resources }: WorldParts): World {
  let all: readonly Resource[] = [];
  let alike: ReadonlyMap<string, readonly Resource[]> = new Map();
  return {
    namespaceOf: (name) => lookUp(store, namespaces, '', name),
    equivalentsOf: (resource) => {
      if (all !== resources.all()) {
        all = resources.all();
        alike = Map.groupBy(all, storedName);
      }
      return alike.get(storedName(resource)) ?? [];
    },
  };
}

/** What is stored in the same place is the same. */
function storedName({ definition }: Resource): string {
  const { group, plural } = definition.storedAs?.hub ?? definition;
  return `${group}/${plural}`;
}
