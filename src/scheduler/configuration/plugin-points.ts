/** At which points each plugin can be enabled, as upstream's plugins implement them. */

import type { ExtensionPoint } from './document.ts';

const FILTER_AND_SCORE: readonly ExtensionPoint[] = ['preFilter', 'filter', 'preScore', 'score'];

/**
 * PrioritySort, DefaultPreemption and DefaultBinder are parts of the scheduler here and no plugins in
 * `plugins/`; a file may name them all the same.
 */
export const POINTS_OF: ReadonlyMap<string, readonly ExtensionPoint[]> = new Map([
  ['SchedulingGates', ['preEnqueue']],
  ['PrioritySort', ['queueSort']],
  ['NodeUnschedulable', ['filter']],
  ['NodeName', ['filter']],
  ['TaintToleration', ['filter', 'preScore', 'score']],
  ['NodeAffinity', FILTER_AND_SCORE],
  ['NodePorts', ['preFilter', 'filter']],
  ['NodeResourcesFit', FILTER_AND_SCORE],
  ['VolumeRestrictions', ['preFilter', 'filter']],
  ['NodeVolumeLimits', ['preFilter', 'filter']],
  ['VolumeBinding', [...FILTER_AND_SCORE, 'reserve', 'preBind']],
  ['VolumeZone', ['preFilter', 'filter']],
  ['PodTopologySpread', FILTER_AND_SCORE],
  ['InterPodAffinity', FILTER_AND_SCORE],
  ['DynamicResources', ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'score', 'reserve', 'preBind']],
  ['DefaultPreemption', ['preEnqueue', 'postFilter']],
  ['NodeResourcesBalancedAllocation', ['preScore', 'score']],
  ['ImageLocality', ['score']],
  ['DefaultBinder', ['bind']],
  // Not among the defaults, as upstream has it while it is alpha.
  ['GangScheduling', ['preEnqueue', 'permit']],
]);

/** In-tree plugins that were removed from the format. */
export const REMOVED_PLUGINS: readonly string[] = [
  'AzureDiskLimits',
  'CinderLimits',
  'EBSLimits',
  'GCEPDLimits',
];
