/**
 * Merging an applied configuration into an object: what the configuration says wins, the rest stays.
 * The result shares every part of the object that the configuration does not change.
 */

import { ownValue, setKey } from '../meta/own-key.ts';
import { deepEqual } from '../meta/equal.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { stepText } from './field-set.ts';
import {
  childType,
  deduce,
  isList,
  isObject,
  itemStep,
  type KeyedListType,
  type OwnedType,
} from './field-type.ts';

type ItemListType = KeyedListType | { readonly form: 'set' };

/**
 * `problems` names what is wrong with the configuration itself: `.spec.ports: duplicate entries for key
 * [port=80]`.
 */
export function merge(
  type: OwnedType,
  live: JsonObject,
  config: JsonObject,
): { readonly value: JsonObject; readonly problems: readonly string[] } {
  const run = new Merge();
  const value = run.merge(type, live, config, '');
  return { value: isObject(value) ? value : live, problems: run.problems };
}

class Merge {
  readonly problems: string[] = [];

  merge(
    declared: OwnedType,
    live: JsonValue | undefined,
    config: JsonValue | undefined,
    path: string,
  ): JsonValue | undefined {
    if (config === undefined) return live;
    const type = deduce(declared, config);
    switch (type.form) {
      case 'piece':
      case 'deduced':
        return live !== undefined && deepEqual(live, config) ? live : config;
      case 'struct':
      case 'map':
        if (!isObject(config)) return isObject(live) ? live : config;
        return this.#mergeFields(type, isObject(live) ? live : undefined, config, path);
      case 'set':
      case 'keyedList':
        if (!isList(config)) return isList(live) ? live : config;
        return this.#mergeLists(type, isList(live) ? live : undefined, config, path);
    }
  }

  #mergeFields(
    type: OwnedType & { readonly form: 'struct' | 'map' },
    live: JsonObject | undefined,
    config: JsonObject,
    path: string,
  ): JsonObject {
    let result: { [key: string]: JsonValue | undefined } | undefined;
    for (const key in config) {
      const before = ownValue(live, key);
      const merged = this.merge(childType(type, key).type, before, config[key], `${path}.${key}`);
      if (merged !== before) setKey((result ??= { ...live }), key, merged);
    }
    return result ?? live ?? config;
  }

  #mergeLists(type: ItemListType, live: Items | undefined, config: Items, path: string): Items {
    const news = this.#index(type, config, path, false);
    const olds = this.#index(type, live ?? [], path, true);
    const items: OwnedType = type.form === 'set' ? { form: 'piece' } : type.items;
    const mergeItem = (step: string): JsonValue =>
      this.merge(items, olds.values.get(step) ?? undefined, news.values.get(step), path + stepText(step)) ??
      null;
    const merged = interleave(olds.steps, news.steps).map((choice) =>
      choice.from === 'config' ? mergeItem(choice.step) : (live?.[choice.index] ?? null),
    );
    const isSame = live?.length === merged.length && merged.every((item, i) => item === live[i]);
    return isSame ? live : merged;
  }

  /** An item that stands twice in the live list is not merged into but replaced: its value is `undefined`. */
  #index(type: ItemListType, list: Items, path: string, allowsDuplicates: boolean): ItemIndex {
    const steps: string[] = [];
    const values = new Map<string, JsonValue | undefined>();
    for (const [i, item] of list.entries()) {
      const step = itemStep(type, item);
      if (typeof step !== 'string') {
        if (!allowsDuplicates) this.problems.push(`${path}: element ${i}: ${step.error}`);
        continue;
      }
      if (values.has(step)) {
        if (!allowsDuplicates) {
          this.problems.push(`${path}: duplicate entries for key ${stepText(step)}`);
          continue;
        }
        values.set(step, undefined);
      } else values.set(step, item);
      steps.push(step);
    }
    return { steps, values };
  }
}

type Items = readonly JsonValue[];

interface ItemIndex {
  readonly steps: readonly string[];
  readonly values: ReadonlyMap<string, JsonValue | undefined>;
}

type Choice =
  | { readonly from: 'live'; readonly index: number; readonly step: string }
  | { readonly from: 'config'; readonly step: string };

/**
 * The order of the merged list: the configuration's items in its order, the live list's other items where
 * they were relative to the shared ones. Live [a, b, c], config [c, x, a]: b has no anchor before c, so b,
 * c, x, a.
 */
function interleave(live: readonly string[], config: readonly string[]): Choice[] {
  const inLive = new Set(live);
  const inConfig = new Set(config);
  const shared = config.filter((step) => inLive.has(step));
  const done = new Set<string>();
  const result: Choice[] = [];
  let nextShared = 0;
  let l = 0;
  let c = 0;
  const takeConfig = (step: string): void => {
    done.add(step);
    result.push({ from: 'config', step });
    c++;
    if (shared[nextShared] === step) nextShared++;
  };
  while (l < live.length || c < config.length) {
    const left = live[l];
    const right = config[c];
    if (left !== undefined && right !== undefined) {
      if (left === right) {
        takeConfig(right);
        l++;
        continue;
      }
      // A shared item, but not the one whose turn it is.
      if (inConfig.has(left) && nextShared < shared.length && shared[nextShared] !== left) {
        l++;
        continue;
      }
    }
    if (left !== undefined) {
      if (!inConfig.has(left)) {
        result.push({ from: 'live', index: l, step: left });
        l++;
        continue;
      }
      if (done.has(left)) l++;
    }
    if (right !== undefined) takeConfig(right);
  }
  return result;
}
