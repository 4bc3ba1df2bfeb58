/**
 * What follows a decision, beside the decisions that come after it: write what the pod needs first, bind.
 * Whatever fails gives back all that was taken for the pod.
 */

import { errorText } from '../base/log.ts';
import { isApiError } from '../api/meta/api-error.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import type { Pod } from '../api/types.gen.ts';
import type { Client } from '../client/client.ts';
import type { Refusal } from './framework.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PreparedPod } from './preparation.ts';
import type { Profile } from './profile.ts';

export interface Placement {
  readonly pod: Pod;
  readonly node: NodeInfo;
  readonly profile: Profile;
  readonly prepared: PreparedPod;
}

export type BindOutcome =
  | { readonly outcome: 'bound' }
  /** Deleted, or bound by somebody else: its own event settles it. */
  | { readonly outcome: 'moot' }
  | { readonly outcome: 'failed'; readonly message: string; readonly plugin: string | undefined };

/** Takes what the pod will use; what was taken before a refusal is given back. */
export function reserve(
  placement: Placement,
): { readonly refusal: Refusal; readonly plugin: string } | undefined {
  const { pod, node, profile, prepared } = placement;
  for (const [i, plugin] of profile.plugins.entries()) {
    if (prepared.concerns[i] !== true) continue;
    const refusal = plugin.reserve?.(prepared.states[i], pod, node);
    if (refusal === undefined) continue;
    unreserve(placement);
    return { refusal, plugin: plugin.name };
  }
  return undefined;
}

/** In the opposite order. */
export function unreserve({ pod, node, profile, prepared }: Placement): void {
  for (let i = profile.plugins.length - 1; i >= 0; i--)
    if (prepared.concerns[i] === true) profile.plugins[i]?.unreserve?.(prepared.states[i], pod, node.name);
}

/** Whether anything comes between the decision and the binding. */
export function hasToWait({ profile, prepared }: Placement): boolean {
  return profile.preBinding.some(({ index }) => prepared.concerns[index]);
}

/** Writes what must be there first; undefined when the pod can be bound. */
export async function beforeBind(
  { pod, node, profile, prepared }: Placement,
  signal: AbortSignal,
): Promise<BindOutcome | undefined> {
  let plugin: string | undefined;
  try {
    for (const one of profile.preBinding) {
      if (prepared.concerns[one.index] !== true) continue;
      plugin = one.plugin.name;
      await one.plugin.preBind?.(prepared.states[one.index], pod, node.name, signal);
    }
    return undefined;
  } catch (error) {
    return { outcome: 'failed', message: errorText(error), plugin };
  }
}

/** Binds in place of the API server's own call. */
export interface Binder {
  bind(pod: Pod, nodeName: string, signal: AbortSignal): Promise<void>;
  /** When it fails the next one is asked, or the API. */
  readonly isIgnorable: boolean;
}

export async function bind(
  client: Client,
  { pod, node }: Placement,
  binders: readonly Binder[],
  signal: AbortSignal,
): Promise<BindOutcome> {
  try {
    if (await boundBy(binders, pod, node.name, signal)) return { outcome: 'bound' };
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: node.name };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target };
    await client.createSubresource(pods, { namespace, name }, 'binding', body);
    return { outcome: 'bound' };
  } catch (error) {
    if (isApiError(error, 'NotFound') || isApiError(error, 'Conflict')) return { outcome: 'moot' };
    return { outcome: 'failed', message: errorText(error), plugin: undefined };
  }
}

async function boundBy(
  binders: readonly Binder[],
  pod: Pod,
  nodeName: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (const binder of binders) {
    try {
      await binder.bind(pod, nodeName, signal);
      return true;
    } catch (error) {
      if (!binder.isIgnorable) throw error;
    }
  }
  return false;
}
