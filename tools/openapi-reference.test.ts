/**
 * The served OpenAPI document beside the official one of Kubernetes 1.36, where that is at hand: every
 * operation of a served group-version has the same names, encodings, parameters and answers.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { exchangeOf } from '../src/apiserver/http/front.fixture.ts';
import { OpenApiHandler } from '../src/apiserver/openapi/openapi-handler.ts';
import { NO_REMOTE_DOCUMENTS } from '../src/apiserver/openapi/remote-documents.ts';
import { createSimulatedHost } from '../src/host/simulated/simulated.ts';
import { builtInResources } from '../src/apiserver/resources.ts';

const OFFICIAL = new URL('../../shared/kubernetes-1.36/openapi.json', import.meta.url);
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

type Json = { readonly [key: string]: unknown };
interface Document {
  readonly paths: { readonly [path: string]: Json };
  readonly parameters?: { readonly [name: string]: { readonly name: string } };
}

/** Differences, each with its reason. */
const DIFFERENT: Readonly<Record<string, string>> = {};

test('operations are described as in the official document', async (context) => {
  if (!existsSync(OFFICIAL)) return context.diagnostic('the official document is not here: nothing compared');
  const official = JSON.parse(readFileSync(OFFICIAL, 'utf8')) as Document;
  const resources = builtInResources();
  const ours = await servedDocument(resources);
  const roots = new Set(
    resources
      .all()
      .map(({ definition: { group, version } }) =>
        group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`,
      ),
  );
  const differences: string[] = [];
  let compared = 0;
  for (const [path, item] of Object.entries(official.paths)) {
    if (path.endsWith('/') || ![...roots].some((root) => path.startsWith(root))) continue;
    for (const method of METHODS.filter((name) => name in item)) {
      compared++;
      const where = `${method} ${path}`;
      const [expected, actual] = [
        summary(official, item, method),
        summary(ours, ours.paths[path] ?? {}, method),
      ];
      if (expected !== actual && !(where in DIFFERENT))
        differences.push(`${where}: ${actual}, not ${expected}`);
    }
  }
  assert.deepEqual(differences, []);
  // Metrics are another server's API in upstream, explanations there are none, and stand in no document of the API server.
  const foreign = Object.keys(ours.paths).filter(
    (path) => !/^\/apis\/(metrics\.k8s\.io|explain\.k8ts\.dev)\//.test(path),
  );
  assert.deepEqual(
    foreign.filter((path) => !(path in official.paths)),
    [],
  );
  context.diagnostic(`${compared} operations`);
});

async function servedDocument(resources: ReturnType<typeof builtInResources>): Promise<Document> {
  const handler = new OpenApiHandler({
    resources: () => resources.all(),
    schemas: resources.schemas,
    descriptions: async () => ({}),
    serverVersion: 'v1.36.0',
    remote: NO_REMOTE_DOCUMENTS,
    clock: createSimulatedHost(1).clock,
  });
  const body = await new Promise<string>((resolve) => {
    void handler.handle(
      '/openapi/v2',
      exchangeOf('/openapi/v2', {}, (answer) => resolve(answer.body.toString())),
      new URLSearchParams(),
    );
  });
  return JSON.parse(body) as Document;
}

/** What of an operation clients go by, in one line. */
function summary(document: Document, item: Json, method: string): string {
  const operation = item[method] as Json | undefined;
  if (operation === undefined) return 'nothing';
  const parameters = [
    ...((item['parameters'] ?? []) as Json[]),
    ...((operation['parameters'] ?? []) as Json[]),
  ];
  const names = parameters.map((parameter) => {
    const reference = parameter['$ref'];
    const name = typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : '';
    return String(name === '' ? parameter['name'] : document.parameters?.[name]?.name);
  });
  const answers = Object.entries(operation['responses'] as { [code: string]: { schema?: Json } });
  return JSON.stringify([
    operation['operationId'],
    operation['description'],
    operation['x-kubernetes-action'],
    sorted(operation['x-kubernetes-group-version-kind']),
    operation['consumes'],
    operation['produces'],
    operation['tags'],
    names.toSorted(),
    answers.map(([code, { schema }]) => [code, schema?.['$ref'] ?? schema?.['type']]),
  ]);
}

function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).toSorted() : value;
}
