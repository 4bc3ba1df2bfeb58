/** The kinds that are served now: the built-in ones, and what CustomResourceDefinitions add. */

import { BUILT_IN_KINDS } from '../api/catalog.ts';
import type { ResourceDefinition } from '../api/meta/resource-definition.ts';
import { resolveResource, type Resource } from '../api/resource.ts';
import { loadBuiltInSchemas } from '../api/schema/built-in.ts';
import type { GroupVersionSchema } from '../api/schema/schema.ts';
import type { ResourceIndex } from './pipeline.ts';

export class Resources implements ResourceIndex {
  readonly #byPath = new Map<string, Resource>();
  readonly #builtIn: readonly Resource[];
  /** The schemas behind the kinds, and those of the kinds that only travel (options, reviews). */
  readonly schemas: ReadonlyMap<string, GroupVersionSchema>;
  #all: readonly Resource[] = [];
  #definitions: readonly ResourceDefinition[] = [];

  constructor(builtIn: readonly Resource[], schemas: ReadonlyMap<string, GroupVersionSchema>) {
    this.#builtIn = builtIn;
    this.schemas = schemas;
    this.replaceCustom([]);
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** The same array until `replaceCustom`. */
  all(): readonly Resource[] {
    return this.#all;
  }

  /** As `all`, the definitions alone. */
  definitions(): readonly ResourceDefinition[] {
    return this.#definitions;
  }

  /** Serves these beside the built-in kinds, which nothing can take the place of. */
  replaceCustom(custom: readonly Resource[]): void {
    this.#all = [...this.#builtIn, ...custom];
    this.#byPath.clear();
    for (const resource of this.#all.toReversed()) {
      const { group, version, plural } = resource.definition;
      this.#byPath.set(`${group}/${version}/${plural}`, resource);
    }
    this.#definitions = this.#all.map(({ definition }) => definition);
  }
}

/** `more`: kinds that are there only where somebody acts on them. Parses the schema notation, some 10 ms. */
export function builtInResources(more: readonly ResourceDefinition[] = []): Resources {
  const schemas = loadBuiltInSchemas();
  const resources = [...BUILT_IN_KINDS, ...more].map((definition) => resolveResource(definition, schemas));
  return new Resources(resources, schemas);
}
