/**
 * What CustomResourceDefinitions cost the built server: how long until the objects and the OpenAPI document
 * of a new one are served, how long 500 take to be established, and what memory an idle one of a thousand
 * fields keeps.
 */

import type { ClientHttp2Session } from 'node:http2';
import { compare, report, type BenchResult, type Round } from './harness.ts';
import { buildBundle, pause, poll, request, startServer, type BenchServer } from './server.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = 'bench.example.com';
const MANY = 500;
const CONCURRENT = 10;
/** The first ones fill the space for new objects, which stays as large afterwards: they are not counted. */
const LARGE_BEFORE = 200;
const LARGE = 300;
const LARGE_FIELDS = 1000;
/** Until the server has collected what creating them left behind. */
const SETTLE_MS = 15_000;

export async function run(): Promise<BenchResult[]> {
  buildBundle();
  const shared = { benchmark: 'custom resources', better: 'less' } as const;
  return [
    await compare({
      ...shared,
      case: 'from the write of a definition to its objects and OpenAPI served',
      unit: 'ms',
      goal: 100,
      rounds: 3,
      ours: () => withServer(untilServed),
    }),
    await compare({
      ...shared,
      case: `${MANY} definitions established`,
      unit: 's',
      goal: 10,
      rounds: 1,
      ours: () => withServer(untilManyEstablished),
    }),
    await compare({
      ...shared,
      case: `an idle definition of ${LARGE_FIELDS} fields`,
      unit: 'KB',
      goal: 200,
      rounds: 1,
      ours: () => withServer(idleMemory),
    }),
  ];
}

async function withServer(measure: (server: BenchServer) => Promise<Round>): Promise<Round> {
  const server = await startServer();
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

/** The third of three: the first ones pay for what is loaded once. */
async function untilServed({ session }: BenchServer): Promise<Round> {
  let [objects, documents] = [0, 0];
  for (const i of [0, 1, 2]) {
    const began = performance.now();
    await define(session, i, 10);
    await until(session, `/apis/${GROUP}/v1/${plural(i)}`, ({ status }) => status === 200);
    objects = performance.now() - began;
    const document = `/openapi/v3/apis/${GROUP}/v1`;
    await until(session, document, ({ body }) => body.includes(`/${plural(i)}`));
    documents = performance.now() - began;
  }
  return { value: Math.max(objects, documents), extra: { 'objects ms': objects } };
}

async function untilManyEstablished({ session }: BenchServer): Promise<Round> {
  const began = performance.now();
  await defineAll(session, 0, MANY, 10);
  await untilEstablished(session, 0, MANY);
  return { value: (performance.now() - began) / 1000 };
}

async function idleMemory(server: BenchServer): Promise<Round> {
  const define = async (from: number, to: number): Promise<void> => {
    await defineAll(server.session, from, to, LARGE_FIELDS);
    await untilEstablished(server.session, from, to);
  };
  await define(0, LARGE_BEFORE);
  await pause(SETTLE_MS);
  const before = server.residentMegabytes();
  await define(LARGE_BEFORE, LARGE_BEFORE + LARGE);
  await pause(SETTLE_MS);
  const grown = server.residentMegabytes() - before;
  return { value: (grown * 1024) / LARGE, extra: { 'before MB': before } };
}

async function defineAll(
  session: ClientHttp2Session,
  from: number,
  to: number,
  fields: number,
): Promise<void> {
  let next = from;
  const work = async (): Promise<void> => {
    while (next < to) await define(session, next++, fields);
  };
  await Promise.all(Array.from({ length: CONCURRENT }, work));
}

async function define(session: ClientHttp2Session, i: number, fields: number): Promise<void> {
  const field = (_: unknown, n: number): [string, object] => [
    `field${n}`,
    { type: 'string', description: 'One of many fields.', maxLength: 100 },
  ];
  const properties = Object.fromEntries(Array.from({ length: fields }, field));
  const schema = { type: 'object', properties: { spec: { type: 'object', properties } } };
  const answer = await request(session, 'POST', DEFINITIONS, {
    metadata: { name: `${plural(i)}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: plural(i), singular: `kind${i}`, kind: `Kind${i}`, listKind: `Kind${i}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  });
  if (answer.status !== 201) throw new Error(answer.body);
}

function plural(i: number): string {
  return `kind${i}s`;
}

/** One by one: a list of them all would cost the server more than they do. */
async function untilEstablished(session: ClientHttp2Session, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    await until(session, `${DEFINITIONS}/${plural(i)}.${GROUP}`, ({ body }) => {
      const { status } = JSON.parse(body) as { status?: { conditions?: readonly Condition[] } };
      return status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') ?? false;
    });
  }
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

async function until(...asked: Parameters<typeof poll>): Promise<void> {
  if (!(await poll(...asked))) throw new Error(`${asked[1]}: waited in vain`);
}

if (import.meta.main) report(await run());
