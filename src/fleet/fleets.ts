/** The fleets of the cluster, followed from the moment that their kind is served. */

import { FLEET_GROUP } from '../api/groups/core/node/played-node.ts';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import type { CustomResourceDefinition } from '../api/types.gen.ts';
import type { ChangeHandler, Informer, Informers } from '../client/informer/informer.ts';
import { nodeFleets, type NodeFleet } from './node-fleet.ts';

const DEFINITION = `${nodeFleets.plural}.${FLEET_GROUP}`;

export class Fleets {
  readonly #informers: Informers;
  readonly #handlers: ChangeHandler<NodeFleet>[] = [];
  #informer: Informer<NodeFleet> | undefined;

  constructor(informers: Informers) {
    this.#informers = informers;
    informers.of(customResourceDefinitions).subscribe((next) => {
      if (this.#informer === undefined && next?.metadata.name === DEFINITION && isEstablished(next))
        this.#follow();
    });
  }

  get(name: string): NodeFleet | undefined {
    return this.#informer?.get('', name);
  }

  subscribe(onChange: ChangeHandler<NodeFleet>): void {
    this.#handlers.push(onChange);
    this.#informer?.subscribe(onChange);
  }

  #follow(): void {
    this.#informer = this.#informers.of(nodeFleets);
    for (const handler of this.#handlers) this.#informer.subscribe(handler);
  }
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  return (status.conditions ?? []).some((one) => one.type === 'Established' && one.status === 'True');
}
