/** What plugins do for a pod that fits nowhere, before others are preempted for it. */

import type { Pod } from '../api/types.gen.ts';
import type { Decision } from './cycle.ts';
import type { Preemption } from './preemption/preemption.ts';
import type { Profile } from './profile.ts';

/** As upstream says it of a plugin that was not asked before another one refused the pod. */
const NOT_ASKED = 'not found';

/** Lets the plugins do what they can; what they and the preemption have to say, with a space before it. */
export function postFilter(
  { plugins }: Profile,
  pod: Pod,
  { states, refusedBy }: Extract<Decision, { readonly outcome: 'none' }>,
  preemption: Preemption | undefined,
): string {
  const said: string[] = [];
  for (const [i, plugin] of plugins.entries()) {
    if (plugin.postFilter === undefined) continue;
    const isAsked = i < states.length || refusedBy.has(plugin.name);
    if (!isAsked) return ` ${NOT_ASKED}`;
    const text = plugin.postFilter(states[i], pod);
    if (text !== '') said.push(text);
  }
  if (preemption?.outcome === 'preempt') return '';
  if (preemption !== undefined) said.push(preemption.message);
  return said.length === 0 ? '' : ` ${said.join(', ')}`;
}
