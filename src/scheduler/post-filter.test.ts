import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../api/types.gen.ts';
import { neverWakes, type SchedulerPlugin } from './framework.ts';
import { postFilter } from './post-filter.ts';
import { Profile } from './profile.ts';

const quiet = (name: string): SchedulerPlugin => ({ name, wakesOn: neverWakes });
const helping: SchedulerPlugin = {
  ...quiet('Helping'),
  postFilter: (state) => (state === undefined ? 'nothing known' : `freed ${String(state)}`),
};
const plugins = [quiet('First'), helping, quiet('Last')].map((plugin) => ({ plugin, weight: 0 }));
const profile = new Profile({ schedulerName: 's', plugins });
const pod = { metadata: {}, spec: {}, status: {} } as unknown as Pod;
const NO_VICTIMS = { outcome: 'none', message: 'preemption: in vain.' } as const;

function said(states: readonly unknown[], refusedBy: string, preemption?: Parameters<typeof postFilter>[3]) {
  const decision = { outcome: 'none', message: '', resolvable: [], refusedBy: new Set([refusedBy]), states };
  return postFilter(profile, pod, decision as Parameters<typeof postFilter>[2], preemption);
}

test('plugins first, then the preemption', () => {
  assert.equal(said([1, 2, 3], 'First'), ' freed 2');
  assert.equal(said([1, 2, 3], 'First', NO_VICTIMS), ' freed 2, preemption: in vain.');
  const preempts = { outcome: 'preempt', node: {}, victims: [] } as unknown as typeof NO_VICTIMS;
  assert.equal(said([1, 2, 3], 'First', preempts), '');
});

test('one that refused the pod itself is asked, one that did not come to it is not', () => {
  assert.equal(said([1], 'Helping', NO_VICTIMS), ' nothing known, preemption: in vain.');
  assert.equal(said([], 'First', NO_VICTIMS), ' not found');
});
