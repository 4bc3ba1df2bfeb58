/**
 * Keeps the served kinds true to the CustomResourceDefinitions in the store.
 *
 * Input: the store. Output: `Resources.replaceCustom`, once for each batch of changes. A definition is served
 * when it is established, and no more once it is deleted. Definitions that did not change keep their very
 * `Resource`s, so that what is derived from them (documents, field types) is kept too.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { isEstablished } from '../../api/groups/apiextensions/custom-resource-definition/validate-definition.ts';
import { customResourceDefinitions } from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { CustomResourceDefinition } from '../../api/types.gen.ts';
import { present } from '../../base/assert.ts';
import { errorText, type Logger } from '../../base/log.ts';
import type { Random } from '../../host/host.ts';
import { prefixRange, type Store, type StoreWatch } from '../../store/store.ts';
import type { Resources } from '../resources.ts';
import type { CallWebhook } from '../webhooks/webhook-caller.ts';
import { conversionOf } from './conversion.ts';
import { customResources } from './custom-kind.ts';

export interface CustomResourcesParts {
  readonly store: Store<KubernetesObject>;
  readonly resources: Resources;
  readonly random: Random;
  readonly logger: Logger;
  readonly callWebhook: CallWebhook;
}

interface Served {
  readonly definition: CustomResourceDefinition;
  readonly resources: readonly Resource[];
}

const { group, plural } = customResourceDefinitions;
const DEFINITIONS = prefixRange(`/registry/${group}/${plural}/`);

export class CustomResources {
  readonly #parts: CustomResourcesParts;
  readonly #served = new Map<string, Served>();
  #watch: StoreWatch<KubernetesObject> | undefined;

  constructor(parts: CustomResourcesParts) {
    this.#parts = parts;
  }

  /** Serves what is there and follows what changes, until `stop`. */
  start(): void {
    const page = this.#parts.store.list(DEFINITIONS);
    const entries = page.ok ? page.result.entries : [];
    for (const entry of entries) this.#take(entry.value as unknown as CustomResourceDefinition);
    if (entries.length > 0) this.#publish();
    this.#watch = this.#parts.store.watch(
      DEFINITIONS,
      page.ok ? page.result.revision : this.#parts.store.revision,
    );
    void this.#follow(this.#watch);
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  async #follow(watch: StoreWatch<KubernetesObject>): Promise<void> {
    for (let item = await watch.next(); item !== undefined; item = await watch.next()) {
      if (item.type === 'gone') {
        // Too many definitions changed at once: begin again from what is there.
        this.#served.clear();
        return this.start();
      }
      if (item.type !== 'events') continue;
      let isChanged = false;
      for (const event of item.events) {
        const definition = event.value as unknown as CustomResourceDefinition;
        const isNew =
          event.type === 'delete' ? this.#served.delete(nameOf(definition)) : this.#take(definition);
        isChanged ||= isNew;
      }
      if (isChanged) this.#publish();
    }
  }

  /** Whether anything that is served has changed. */
  #take(definition: CustomResourceDefinition): boolean {
    const name = nameOf(definition);
    if (!isEstablished(definition)) return this.#served.delete(name);
    const before = this.#served.get(name)?.definition;
    if (before !== undefined && isServedAlike(before, definition)) return false;
    const { random, callWebhook, resources, logger } = this.#parts;
    try {
      const parts = {
        definition,
        objectMeta: present(resources.schemas.get('meta/v1')?.messages.get('ObjectMeta'), 'ObjectMeta'),
        convert: conversionOf(definition, callWebhook, () => random.uuid()),
      };
      this.#served.set(name, { definition, resources: customResources(parts) });
    } catch (error) {
      logger.error(`cannot serve the custom resources of ${name}: ${errorText(error)}`, { error });
      this.#served.delete(name);
    }
    return true;
  }

  #publish(): void {
    const all = [...this.#served.values()].flatMap(({ resources }) => resources);
    this.#parts.resources.replaceCustom(all);
  }
}

function nameOf({ metadata }: CustomResourceDefinition): string {
  return metadata.name ?? '';
}

/** Conditions come and go without changing what is served. */
function isServedAlike(a: CustomResourceDefinition, b: CustomResourceDefinition): boolean {
  return (
    deepEqual(a.spec, b.spec) &&
    deepEqual(a.status.acceptedNames, b.status.acceptedNames) &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp
  );
}
