/**
 * A scheduler extender behind a real HTTP server, and a cluster under virtual time that asks it. Virtual time
 * does not wait for a network: `quiet` does.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Network, StreamedAnswer, StreamedRequest } from '../host/host.ts';
import { createNodeNetwork } from '../host/node/network.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

/** The parts of arguments that the tests look at. */
export interface Asked {
  readonly Pod?: { readonly metadata: { readonly name: string } };
  readonly Nodes?: { readonly items: readonly { readonly metadata: { readonly name: string } }[] } | null;
  readonly NodeNames?: readonly string[] | null;
  readonly PodName?: string;
  readonly Node?: string;
  readonly NodeNameToMetaVictims?: { readonly [node: string]: unknown } | null;
}

/** Undefined: it never answers. */
export type Answer = { readonly status?: number; readonly body: unknown } | undefined;
export type AnswerTo = (verb: string, asked: Asked) => Answer | Promise<Answer>;

export interface TestExtender {
  readonly url: string;
  /** `verb pod` of every question, in order. */
  readonly questions: readonly string[];
  answer: AnswerTo;
  close(): void;
}

export async function startExtender(answer: AnswerTo): Promise<TestExtender> {
  const questions: string[] = [];
  const extender = { answer };
  const server = createServer((request, response) => void reply(request, response));
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
    const verb = (request.url ?? '').replace('/extend/', '');
    questions.push(`${verb} ${asked.Pod?.metadata.name ?? asked.PodName ?? ''}`);
    const said = await extender.answer(verb, asked);
    if (said === undefined) return;
    response.writeHead(said.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(said.body));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(extender, {
    url: `http://127.0.0.1:${port}/extend`,
    questions,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}

export interface ExtendedCluster extends TestCluster {
  /** Waits, without any time passing in the cluster, until no answer is under way. */
  quiet(): Promise<void>;
  /** A step of time after the other, each with all its answers. */
  pass(seconds: number): Promise<void>;
}

/** `featureGates` as `startCluster` takes them. */
export async function extendedCluster(
  extenders: string,
  nodes = 2,
  featureGates = '',
): Promise<ExtendedCluster> {
  const counted = countedNetwork();
  const schedulerConfig =
    'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n' +
    `extenders:\n${extenders}`;
  const cluster = await startCluster({ nodes, schedulerConfig, featureGates, network: counted.network });
  const quiet = async (): Promise<void> => {
    await cluster.clock.settle();
    while (counted.underWay() > 0) {
      await sleep(1);
      await cluster.clock.settle();
    }
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds * 2; i++) {
      await cluster.clock.advance(500);
      await quiet();
    }
  };
  await cluster.settle();
  return { ...cluster, quiet, pass };
}

/** The machine's network, with whole answers. */
function countedNetwork(): { readonly network: Network; readonly underWay: () => number } {
  const real = createNodeNetwork();
  let underWay = 0;
  const open = async (request: StreamedRequest): Promise<StreamedAnswer> => {
    underWay++;
    try {
      const answer = await real.open(request);
      const chunks: Uint8Array[] = [];
      for await (const chunk of answer.body) chunks.push(chunk);
      return { ...answer, body: (async function* () { yield* chunks; })() }; // prettier-ignore
    } finally {
      underWay--;
    }
  };
  return { network: { ...real, open }, underWay: () => underWay };
}
