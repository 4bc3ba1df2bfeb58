/** The answer of `k8ts why pod` for people. Pure. */

import type { ContainerStatus, Pod } from '../api/types.gen.ts';
import type { Explanation, NodeScore, VerdictGroup } from '../scheduler/explain/explain.ts';

/** Names that are listed before the rest is only counted. */
const NAMES_MAX = 4;
const SCORES_MAX = 3;

export function whyPodText(pod: Pod, explanation: Explanation): string {
  const lines = [headline(pod, explanation), ...containerLines(pod)];
  for (const gate of explanation.gates) lines.push(`  ${gate}`);
  for (const group of explanation.groups) lines.push(`  ${groupText(group)}`);
  for (const score of explanation.scores.slice(0, SCORES_MAX)) lines.push(`  ${scoreText(score)}`);
  if (explanation.preemption !== undefined) lines.push(`Preemption: ${explanation.preemption}.`);
  if (explanation.smallestChange !== undefined)
    lines.push(`The smallest change: ${explanation.smallestChange}.`);
  return `${lines.join('\n')}\n`;
}

function headline({ metadata, spec, status }: Pod, { nodeCount, fitting }: Explanation): string {
  const name = `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
  const { nodeName = '' } = spec;
  const where = nodeName === '' ? 'has no node' : `is on ${nodeName}`;
  return `Pod ${name} (${status.phase ?? 'Pending'}) ${where}: it fits ${fitting} of ${nodeCount} nodes.`;
}

/** What keeps containers of a pod that has its node. */
function containerLines({ status }: Pod): readonly string[] {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return all.flatMap((one) => containerText(one) ?? []);
}

function containerText({ name, ready, state, restartCount }: ContainerStatus): string | undefined {
  const { waiting, terminated } = state;
  if (waiting !== undefined) {
    const { reason = '', message = '' } = waiting;
    return `  container ${name} waits: ${reason}${message === '' ? '' : `: ${message}`}`;
  }
  if (terminated !== undefined && terminated.exitCode !== 0)
    return `  container ${name} ended with exit code ${terminated.exitCode} (${terminated.reason ?? ''})`;
  if (ready || terminated !== undefined) return undefined;
  return `  container ${name} runs but is not ready (restarted ${restartCount} times): see its readiness probe`;
}

function groupText({ refusals, nodes }: VerdictGroup): string {
  const shown = nodes.slice(0, NAMES_MAX).join(', ');
  const more = nodes.length > NAMES_MAX ? ' …' : '';
  const because = refusals.map(({ plugin, reasons }) => `${plugin}: ${reasons.join(', ')}`).join('; ');
  return `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} (${shown}${more}) not: ${because}`;
}

function scoreText({ node, total, byPlugin }: NodeScore): string {
  const parts = Object.entries(byPlugin).map(([plugin, score]) => `${plugin} ${score}`);
  return `${node} fits with ${total} points${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}
