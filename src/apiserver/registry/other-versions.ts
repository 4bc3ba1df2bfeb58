/**
 * How an object reads in other versions of its kind: managers own fields in the version in which they
 * wrote them.
 *
 * A version that is served no more is undefined. Built-in kinds convert by pure functions; custom kinds may
 * have to ask a webhook.
 */

import type { OtherVersion } from '../../api/apply/ownership.ts';
import { apiVersionOf, parseApiVersion, type KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { assert } from '../../base/assert.ts';

export type VersionOf = (apiVersion: string) => OtherVersion | undefined;

export interface Versions {
  find(group: string, version: string, plural: string): Resource | undefined;
}

/** The first finds out what is missing, the second mostly has it all. */
const ROUNDS_MAX = 8;

interface Wanted {
  readonly key: string;
  readonly sibling: Resource;
  readonly object: JsonObject;
}

/**
 * What `decide` says, given such conversions. It is pure, so that it can run again: where a webhook is needed, a
 * first run finds out for what, and what it decided without the answers does not count.
 */
export function withOtherVersions<T>(
  versions: Versions,
  spoken: Resource,
  decide: (versionOf: VersionOf) => T,
): T | Promise<T> {
  const known = new Map<string, JsonObject>();
  const round = (): { readonly decided: T; readonly wanted: readonly Wanted[] } => {
    const wanted: Wanted[] = [];
    const decided = decide((apiVersion) => versionOf(versions, spoken, apiVersion, known, wanted));
    return { decided, wanted };
  };
  const first = round();
  if (first.wanted.length === 0) return first.decided;
  const goOn = async (): Promise<T> => {
    let { decided, wanted } = first;
    for (let rounds = 1; wanted.length > 0; rounds++) {
      assert(rounds < ROUNDS_MAX, 'conversions do not come to an end');
      for (const one of wanted) known.set(one.key, await converted(one));
      ({ decided, wanted } = round());
    }
    return decided;
  };
  return goOn();
}

function versionOf(
  versions: Versions,
  spoken: Resource,
  apiVersion: string,
  known: ReadonlyMap<string, JsonObject>,
  wanted: Wanted[],
): OtherVersion | undefined {
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' };
  const sibling = versions.find(group, version, spoken.definition.plural);
  if (sibling === undefined || sibling.definition.kind !== spoken.definition.kind) return undefined;
  const { schema } = sibling;
  if (sibling.stored === undefined)
    return { schema, convert: (object) => throughHub(spoken, sibling, object) };
  return {
    schema,
    convert: (object) => {
      const key = `${apiVersion} ${JSON.stringify(object)}`;
      const found = known.get(key);
      if (found === undefined) wanted.push({ key, sibling, object });
      return found ?? schema.zero;
    },
  };
}

function throughHub(spoken: Resource, sibling: Resource, json: JsonObject): JsonObject {
  const object = json as unknown as KubernetesObject;
  const hub = spoken.definition.storedAs?.toHub(object) ?? object;
  const other = sibling.definition.storedAs?.fromHub(hub) ?? hub;
  return other as unknown as JsonObject;
}

async function converted({ sibling, object }: Wanted): Promise<JsonObject> {
  // What is nothing yet is nothing in every version; no webhook is asked about it.
  if (object === sibling.schema.zero || object['kind'] === undefined) {
    return { ...object, apiVersion: apiVersionOf(sibling.definition), kind: sibling.definition.kind };
  }
  const objects = await sibling.stored?.fromStored([object as unknown as KubernetesObject]);
  return (objects?.[0] ?? object) as unknown as JsonObject;
}
