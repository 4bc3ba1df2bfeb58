/** Objects of a custom kind, followed from the moment that the kind is served. */

import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { CustomResourceDefinition } from '../api/types.gen.ts';
import type { ChangeHandler, Informer, Informers } from '../client/informer/informer.ts';

export class Followed<T extends KubernetesObject> {
  readonly #informers: Informers;
  readonly #type: ResourceType<T>;
  readonly #handlers: ChangeHandler<T>[] = [];
  #informer: Informer<T> | undefined;

  constructor(informers: Informers, type: ResourceType<T>) {
    this.#informers = informers;
    this.#type = type;
    const definition = `${type.plural}.${type.group}`;
    informers.of(customResourceDefinitions).subscribe((next) => {
      const isIt = next?.metadata.name === definition && isEstablished(next) && serves(next, type.version);
      if (this.#informer === undefined && isIt) this.#follow();
    });
  }

  /** The kind is served, but what there is of it is not known yet: after a start, for a moment. */
  get isPending(): boolean {
    return this.#informer?.synced() === false;
  }

  get(name: string): T | undefined {
    return this.#informer?.get('', name);
  }

  list(): readonly T[] {
    return this.#informer?.list() ?? [];
  }

  subscribe(onChange: ChangeHandler<T>): void {
    this.#handlers.push(onChange);
    this.#informer?.subscribe(onChange);
  }

  #follow(): void {
    this.#informer = this.#informers.of(this.#type);
    for (const handler of this.#handlers) this.#informer.subscribe(handler);
  }
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return (status.conditions ?? []).some((one) => one.type === 'Established' && one.status === 'True');
}

function serves({ spec }: CustomResourceDefinition, version: string): boolean {
  return spec.versions.some(({ name, served }) => served && name === version);
}
