/** Random extenders and clusters that move on while they are asked: what is decided is allowed and fits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { silentLogger } from '../../base/log.ts';
import type { Node, Pod } from '../../api/types.gen.ts';
import type { StreamedAnswer, StreamedRequest } from '../../host/host.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { SchedulerCache } from '../cache/cache.ts';
import { defaultPlugins } from '../plugins/catalog.ts';
import { contextOf } from '../plugins/context.fixture.ts';
import { Profile } from '../profile.ts';
import { decideExtended, EXTENDER } from './extended-decision.ts';
import { HttpExtender } from './extender.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const CPUS = 4;

function node(name: string): Node {
  const allocatable = { cpu: String(CPUS), memory: '8Gi', pods: '10' };
  return { metadata: { name }, spec: {}, status: { allocatable } } as unknown as Node;
}

function pod(uid: string, cpu: number, nodeName = ''): Pod {
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: String(cpu) } } }];
  const metadata = { name: uid, uid, namespace: 'd' };
  return { metadata, spec: { containers, nodeName }, status: {} } as unknown as Pod;
}

interface Plan {
  /** Absent: it fails. */
  readonly allowed: readonly string[] | undefined;
  readonly scores: readonly number[];
  readonly isIgnorable: boolean;
}

const plan = fc.record({
  allowed: fc.option(fc.subarray(NAMES), { nil: undefined, freq: 8 }),
  scores: fc.array(fc.nat(10), { minLength: NAMES.length, maxLength: NAMES.length }),
  isIgnorable: fc.boolean(),
});
const game = fc.record({
  nodes: fc.subarray(NAMES, { minLength: 1 }),
  placed: fc.array(fc.record({ node: fc.constantFrom(...NAMES), cpu: fc.integer({ min: 1, max: 3 }) }), {
    maxLength: 6,
  }),
  /** What happens in the cluster at each question. */
  meanwhile: fc.array(
    fc.record({ node: fc.constantFrom(...NAMES), cpu: fc.nat(4), isRemoved: fc.boolean() }),
    { maxLength: 4 },
  ),
  plans: fc.array(plan, { minLength: 1, maxLength: 3 }),
  cpu: fc.integer({ min: 1, max: 4 }),
});

/** Whether the pods on the node leave room; nothing but cpu is asked for here. */
function hasRoom(cache: SchedulerCache, name: string, cpu: number): boolean {
  const found = cache.node(name);
  return found !== undefined && found.requested.milliCpu + cpu * 1000 <= CPUS * 1000;
}

test('a node is chosen that every extender that answered allows, and that fits when it is chosen', async () => {
  let placedOnes = 0;
  await fc.assert(
    fc.asyncProperty(game, async ({ nodes, placed, meanwhile, plans, cpu }) => {
      const host = createSimulatedHost(1);
      const cache = new SchedulerCache();
      for (const name of nodes) cache.setNode(node(name));
      for (const [i, one] of placed.entries()) cache.setPod(pod(`placed-${i}`, one.cpu, one.node));
      const events = [...meanwhile];
      const fitsBefore = nodes.filter((name) => hasRoom(cache, name, cpu));
      const asked: string[][] = [];
      host.network.onOpen = ({ url, body }) =>
        answer(url, body, plans, asked, () => {
          const event = events.shift();
          if (event === undefined) return;
          if (event.isRemoved) cache.removeNode(event.node);
          else if (event.cpu > 0) cache.setPod(pod(`later-${events.length}`, event.cpu, event.node));
        });
      const extenders = plans.map(
        (one, i) =>
          new HttpExtender(
            {
              urlPrefix: `http://x/${i}`,
              filterVerb: 'filter',
              prioritizeVerb: 'score',
              weight: 1,
              nodeCacheCapable: true,
              ignorable: one.isIgnorable,
            },
            host,
          ),
      );
      const profile = new Profile({ schedulerName: 's', plugins: defaultPlugins(contextOf(cache)) });
      const input = { pod: pod('new', cpu), cache, profile, start: 0, integer: () => 0 };
      const signal = new AbortController().signal;
      const decision = await decideExtended(input, { interested: extenders, logger: silentLogger, signal });
      const counted = plans.filter(({ allowed, isIgnorable }) => allowed !== undefined || !isIgnorable);
      const isAllowed = (name: string): boolean =>
        counted.every(({ allowed }) => allowed?.includes(name) === true);
      switch (decision.outcome) {
        case 'node':
          placedOnes++;
          assert.ok(fitsBefore.includes(decision.node.name) && isAllowed(decision.node.name));
          assert.ok(hasRoom(cache, decision.node.name, cpu), 'it fits as the cluster is now');
          break;
        case 'none':
          assert.ok(fitsBefore.every((name) => !isAllowed(name)));
          if (fitsBefore.length > 0) assert.ok(decision.refusedBy.has(EXTENDER));
          break;
        case 'error':
          assert.ok(counted.some(({ allowed }) => allowed === undefined));
          break;
        case 'overtaken':
          assert.ok(meanwhile.length > 0);
          assert.ok(fitsBefore.filter(isAllowed).every((name) => !hasRoom(cache, name, cpu)));
          break;
      }
      // Nobody is asked about nodes that somebody before has refused.
      for (const names of asked) assert.ok(names.every((name) => fitsBefore.includes(name)));
    }),
    games(300),
  );
  assert.ok(placedOnes > 30, 'games in which a node is found are among them');
});

async function answer(
  url: string,
  body: StreamedRequest['body'],
  plans: readonly Plan[],
  asked: string[][],
  moveOn: () => void,
): Promise<StreamedAnswer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  const { NodeNames } = JSON.parse(Buffer.concat(chunks).toString()) as { NodeNames: string[] };
  asked.push(NodeNames);
  moveOn();
  const [, index = '', verb = ''] = /\/(\d)\/(\w+)$/.exec(url) ?? [];
  const own = plans[Number(index)];
  if (own?.allowed === undefined) throw new Error('no answer');
  const { allowed, scores } = own;
  const said =
    verb === 'filter'
      ? { NodeNames: NodeNames.filter((name) => allowed.includes(name)) }
      : NodeNames.map((Host) => ({ Host, Score: scores[NAMES.indexOf(Host)] }));
  const content = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(JSON.stringify(said));
  };
  return { status: 200, headers: {}, body: content() };
}
