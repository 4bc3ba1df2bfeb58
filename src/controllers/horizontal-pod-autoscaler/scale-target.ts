/** The target of an autoscaler: any kind that has a `scale` subresource, custom ones too. */

import { parseApiVersion, type ResourceType } from '../../api/meta/object.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import type { CrossVersionObjectReference, Scale } from '../../api/types.gen.ts';

export class ScaleTargets {
  readonly #kinds: () => readonly ResourceDefinition[];

  constructor(kinds: () => readonly ResourceDefinition[]) {
    this.#kinds = kinds;
  }

  /** The type of the target's scale, or why there is none. */
  typeOf({ apiVersion = '', kind }: CrossVersionObjectReference): ResourceType<Scale> | string {
    const place = apiVersion === '' ? { group: '', version: '' } : parseApiVersion(apiVersion);
    if (place === undefined) return `unexpected GroupVersion string: ${apiVersion}`;
    const found = this.#find(place.group, kind);
    if (found === undefined)
      return `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(place.group)}`;
    if (found.scale === undefined) return 'the server could not find the requested resource';
    const { group, version, plural, namespaced } = found;
    return { group, version, kind: 'Scale', plural, namespaced };
  }

  /** As custom metrics name it: `services`, `ingresses.networking.k8s.io`. */
  resourceOf(apiVersion: string, kind: string): string | undefined {
    const found = this.#find(parseApiVersion(apiVersion)?.group ?? '', kind);
    if (found === undefined) return undefined;
    return found.group === '' ? found.plural : `${found.plural}.${found.group}`;
  }

  #find(group: string, kind: string): ResourceDefinition | undefined {
    return this.#kinds().find((one) => one.group === group && one.kind === kind);
  }
}
