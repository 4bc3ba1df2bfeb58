/**
 * What scheduler and extender say to each other: `k8s.io/kube-scheduler/extender/v1`, whose fields go by the
 * names of Go structs. Answers are read as Go reads them: names in any case, anything unknown passed over.
 */

import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { Node, Pod } from '../../api/types.gen.ts';

export interface ExtenderArgs {
  readonly Pod: Pod;
  readonly Nodes: { readonly metadata: object; readonly items: readonly Node[] } | null;
  readonly NodeNames: readonly string[] | null;
}

export interface ExtenderFilterResult {
  readonly nodeNames: readonly string[];
  readonly failed: ReadonlyMap<string, string>;
  /** Preemption would change nothing; goes before `failed`. */
  readonly unresolvable: ReadonlyMap<string, string>;
  readonly error: string;
}

export interface ExtenderBindingArgs {
  readonly PodName: string;
  readonly PodNamespace: string;
  readonly PodUID: string;
  readonly Node: string;
}

export interface Victims {
  readonly Pods: readonly Pod[];
  readonly NumPDBViolations: number;
}

export interface MetaVictims {
  readonly Pods: readonly { readonly UID: string }[];
  readonly NumPDBViolations: number;
}

type ByNode<T> = { readonly [node: string]: T };

export interface ExtenderPreemptionArgs {
  readonly Pod: Pod;
  readonly NodeNameToVictims: ByNode<Victims> | null;
  readonly NodeNameToMetaVictims: ByNode<MetaVictims> | null;
}

export interface HostPriority {
  readonly host: string;
  readonly score: number;
}

/** An answer of the wrong form; the text says where. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export function readFilterResult(answer: JsonValue): ExtenderFilterResult {
  const fields = fieldsOf(answer, 'ExtenderFilterResult');
  const names = fields.get('nodenames');
  const nodes = fields.get('nodes');
  return {
    nodeNames: isAbsent(names) ? namesOfNodes(nodes) : listOf(names, 'NodeNames').map(textOf),
    failed: textMap(fields.get('failednodes'), 'FailedNodes'),
    unresolvable: textMap(fields.get('failedandunresolvablenodes'), 'FailedAndUnresolvableNodes'),
    error: textOf(fields.get('error') ?? ''),
  };
}

function namesOfNodes(list: JsonValue | undefined): readonly string[] {
  if (isAbsent(list)) return [];
  const items = fieldsOf(list, 'Nodes').get('items');
  if (isAbsent(items)) return [];
  return listOf(items, 'Nodes.items').map((node) => {
    const metadata = fieldsOf(node, 'Nodes.items').get('metadata') ?? {};
    return textOf(fieldsOf(metadata, 'Nodes.items.metadata').get('name') ?? '');
  });
}

export function readPriorities(answer: JsonValue): readonly HostPriority[] {
  if (answer === null) return [];
  return listOf(answer, 'HostPriorityList').map((one) => {
    const fields = fieldsOf(one, 'HostPriority');
    return { host: textOf(fields.get('host') ?? ''), score: numberOf(fields.get('score') ?? 0, 'Score') };
  });
}

export function readBindingError(answer: JsonValue): string {
  return textOf(fieldsOf(answer, 'ExtenderBindingResult').get('error') ?? '');
}

export interface VictimUids {
  readonly uids: readonly string[];
  readonly violations: number;
}

/** Undefined for a node without victims. */
export function readVictims(answer: JsonValue): ReadonlyMap<string, VictimUids | undefined> {
  const byNode = fieldsOf(answer, 'ExtenderPreemptionResult').get('nodenametometavictims');
  if (isAbsent(byNode)) return new Map();
  if (!isObject(byNode)) throw new WireError('NodeNameToMetaVictims is no object');
  return new Map(Object.entries(byNode).map(([node, victims]) => [node, victimsOf(victims)]));
}

function victimsOf(victims: JsonValue | undefined): VictimUids | undefined {
  if (isAbsent(victims)) return undefined;
  const fields = fieldsOf(victims, 'MetaVictims');
  const pods = fields.get('pods');
  if (isAbsent(pods)) return undefined;
  const uids = listOf(pods, 'Pods').map((pod) => textOf(fieldsOf(pod, 'MetaPod').get('uid') ?? ''));
  if (uids.length === 0) return undefined;
  return { uids, violations: numberOf(fields.get('numpdbviolations') ?? 0, 'NumPDBViolations') };
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === null || value === undefined;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** By their names in small letters. */
function fieldsOf(value: JsonValue, what: string): ReadonlyMap<string, JsonValue | undefined> {
  if (!isObject(value)) throw new WireError(`${what} is no object`);
  return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
}

function listOf(value: JsonValue, what: string): readonly JsonValue[] {
  if (!Array.isArray(value)) throw new WireError(`${what} is no list`);
  return value as readonly JsonValue[];
}

function textOf(value: JsonValue): string {
  if (typeof value !== 'string') throw new WireError(`${JSON.stringify(value)} is no string`);
  return value;
}

function numberOf(value: JsonValue, what: string): number {
  if (typeof value !== 'number') throw new WireError(`${what} is no number`);
  return value;
}

function textMap(value: JsonValue | undefined, what: string): ReadonlyMap<string, string> {
  if (isAbsent(value)) return new Map();
  if (!isObject(value)) throw new WireError(`${what} is no object`);
  return new Map(Object.entries(value).map(([key, text]) => [key, textOf(text ?? '')]));
}
