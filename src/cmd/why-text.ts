/** The answer of `k8ts why` for people: one sentence, how it is known, what to do. Pure. */

import type {
  PodScheduling,
  Progress,
  ProgressFinding,
  ProgressObject,
  SchedulingRefusal,
  SchedulingScore,
} from '../api/types.gen.ts';

/** Names that are listed before the rest is only counted. */
const NAMES_MAX = 4;
const SCORES_MAX = 3;
const INDENT = '  ';

export function whyText({ summary, findings = [] }: Progress, scheduling?: PodScheduling): string {
  const told = findings.filter(({ rank }) => rank !== 'note');
  const notes = findings.filter(({ rank }) => rank === 'note');
  const advice = [
    ...new Set(told.filter(({ rank }) => rank === 'cause').map(({ advice: text = '' }) => text)),
  ].filter((text) => text !== '');
  const change = scheduling?.smallestChange;
  return [
    summary,
    ...section('How it is known:', told.flatMap(findingLines)),
    ...(scheduling === undefined ? [] : section(schedulingHead(scheduling), schedulingLines(scheduling))),
    ...section('Also:', notes.flatMap(findingLines)),
    ...section('What to do:', [
      ...advice.map((text) => `- ${text}`),
      ...(change === undefined ? [] : [`- The smallest change for a node: ${change}.`]),
    ]),
    '',
  ].join('\n');
}

function section(head: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', head, ...lines.map((line) => INDENT + line)];
}

function findingLines({ object, others = [], message, evidence = [] }: ProgressFinding): readonly string[] {
  const shown = others.slice(0, NAMES_MAX - 1).map(({ name }) => name);
  const more = others.length > shown.length ? ` and ${others.length - shown.length} more` : '';
  const names = [nameOf(object), ...shown].join(', ') + more;
  return [`${names}: ${message}`, ...evidence.map((line) => INDENT + line)];
}

function nameOf({ kind, namespace = '', name }: ProgressObject): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

function schedulingHead({ nodeName = '', nodeCount, fittingNodes }: PodScheduling): string {
  const where = nodeName === '' ? 'It has no node' : `It is on ${nodeName}`;
  return `${where}, and fits ${fittingNodes} of ${nodeCount} nodes by what the scheduler knows now:`;
}

function schedulingLines(scheduling: PodScheduling): readonly string[] {
  const { gates = [], refusals = [], scores = [], preemption, nodeCount, extenders = [] } = scheduling;
  const lines = [
    ...gates,
    ...refusals.map(refusalText),
    ...scores.slice(0, SCORES_MAX).map(scoreText),
    ...(preemption === undefined ? [] : [`preemption: ${preemption}`]),
    ...extenders.map((url) => `the extender ${url} is asked when it is scheduled, and was not now`),
  ];
  return lines.length === 0
    ? [nodeCount === 0 ? 'there are no nodes' : 'nothing tells the nodes apart']
    : lines;
}

function refusalText({ nodes, verdicts }: SchedulingRefusal): string {
  const shown = nodes.slice(0, NAMES_MAX).join(', ');
  const more = nodes.length > NAMES_MAX ? ' …' : '';
  const because = verdicts.map(({ plugin, reasons }) => `${plugin}: ${reasons.join(', ')}`).join('; ');
  return `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} (${shown}${more}) not: ${because}`;
}

function scoreText({ node, total, byPlugin = {} }: SchedulingScore): string {
  const parts = Object.entries(byPlugin).map(([plugin, score]) => `${plugin} ${score}`);
  return `${node} fits with ${total} points${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}
