/**
 * `node tools/conformance.ts [OPERATIONS]`: writes `docs/conformance/api.md`, the official operations of
 * Kubernetes 1.36 with what serves each. OPERATIONS is a table of tab-separated path, method, action,
 * group-version and kind; without it the operations that the page has already are looked at again. With `--check` nothing
 * is written, and a page that is not true any more is an error.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Resource } from '../src/api/resource.ts';
import { subresourcesOf } from '../src/apiserver/discovery/discovery.ts';
import { parseRequest } from '../src/apiserver/http/request-info.ts';
import { builtInResources } from '../src/apiserver/resources.ts';
import { ALL_VERBS } from '../src/api/meta/resource-definition.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = `${ROOT}docs/conformance/api.md`;

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly action: string;
  readonly kind: string;
}

const MISSING = '**missing**';
const OFF = 'off: upstream does not serve this version unless told to';

/** Paths that belong to no kind. */
const PATHS: readonly (readonly [RegExp, string])[] = [
  [
    /^\/(\.well-known\/openid-configuration|openid\/v1\/jwks)\/$/,
    'apiserver/authentication/openid-handler.ts',
  ],
  [/^\/version\/$/, 'apiserver/health.ts'],
  [/^\/(api|apis)\/(.+\/)?$/, 'apiserver/discovery'],
  [/^\/logs\//, 'off: log files of the machine are not shown over the API (upstream: deprecated)'],
];

const SUBRESOURCES: Readonly<Record<string, string>> = {
  log: 'apiserver/streaming/pod-streams.ts',
  exec: 'apiserver/streaming',
  attach: 'apiserver/streaming',
  portforward: 'apiserver/streaming',
  proxy: 'apiserver/forwarding',
  status: 'apiserver/registry',
  scale: 'apiserver/subresources/scale.ts',
};

const resources = builtInResources();

function servedBy({ path, method }: Operation): string {
  const known = PATHS.find(([pattern]) => pattern.test(path));
  const info = parseRequest(method === 'OPTIONS' ? 'GET' : method, path.replaceAll(/[{}]/g, ''));
  if (info.type !== 'resource') return isOffGroup(path) ? OFF : (known?.[1] ?? MISSING);
  const { group, version, resource: plural, subresource } = info.target;
  const resource = resources.find(group, version, plural);
  if (resource === undefined) {
    return /alpha|beta/.test(version) ? OFF : MISSING;
  }
  if (subresource === '') return servesVerb(resource, info.verb) ? folderOf(resource) : MISSING;
  if (!subresourcesOf(resource.definition).some(({ name }) => name === subresource)) return MISSING;
  return SUBRESOURCES[subresource] ?? 'apiserver/subresources';
}

/** `/apis/<group>/` or `/apis/<group>/<version>/` of what is served in no stable version. */
function isOffGroup(path: string): boolean {
  const [, group, version] = /^\/apis\/([^/]+)\/(?:([^/]+)\/)?$/.exec(path) ?? [];
  if (group === undefined) return false;
  const served = resources
    .all()
    .some(
      ({ definition }) =>
        definition.group === group && (version ?? definition.version) === definition.version,
    );
  return !served && /alpha|beta/.test(version ?? 'alpha');
}

function servesVerb({ definition }: Resource, verb: string): boolean {
  return (definition.verbs ?? ALL_VERBS).some((served) => served === verb);
}

function folderOf({ definition }: Resource): string {
  const [first = ''] = definition.group.split('.');
  const kind = definition.kind
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase();
  const group = first === '' ? 'core' : first;
  const folders = [`api/groups/${group}/${kind}`, `api/groups/${group}`];
  return folders.find((folder) => existsSync(`${ROOT}src/${folder}`)) ?? MISSING;
}

function readTable(file: string): Operation[] {
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [path = '', method = '', action = '', , kind = ''] = line.split('\t');
    return { path, method, action, kind };
  });
}

export function readPage(text: string): (Operation & { readonly servedBy: string })[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| `/'));
  return rows.map((row) => {
    const [path = '', method = '', action = '', kind = '', servedBy = ''] = row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim());
    return { path: path.slice(1, -1), method, action, kind, servedBy };
  });
}

function render(operations: readonly Operation[]): string {
  const rows = operations.map((operation) => ({ ...operation, servedBy: servedBy(operation) }));
  const count = (holds: (servedBy: string) => boolean): number =>
    rows.filter((row) => holds(row.servedBy)).length;
  const off = count((by) => by.startsWith('off:'));
  const missing = count((by) => by === MISSING);
  const lines = rows.map(
    ({ path, method, action, kind, servedBy: by }) =>
      `| \`${path}\` | ${method} | ${action} | ${kind} | ${by} |`,
  );
  return `# Operations of Kubernetes 1.36

Every operation of the official OpenAPI document, and what serves it: a folder or file under \`src/\`. Kinds take the
way of \`apiserver/registry/\`; their folder says what is particular to them. Written by \`tools/conformance.ts\`; a
test asks a running server for each operation that is served.

${rows.length} operations: ${rows.length - off - missing} served, ${off} off as upstream's are by default, ${missing} missing.

| path | method | action | kind | served by |
|---|---|---|---|---|
${lines.join('\n')}
`;
}

if (import.meta.main) {
  const [file] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  const text = render(file === undefined ? readPage(page) : readTable(file));
  if (!process.argv.includes('--check')) writeFileSync(PAGE, text);
  else if (text !== page) {
    console.error('docs/conformance/api.md is not true any more: run node tools/conformance.ts');
    process.exitCode = 1;
  }
}
