/** The parameters of operations, as OpenAPI describes them. */

export interface ParameterShape {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

const BOOLEANS: ReadonlySet<string> = new Set([
  'allowWatchBookmarks', 'force', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents',
  'sendInitialEvents', 'watch',
]); // prettier-ignore
const INTEGERS: ReadonlySet<string> = new Set(['gracePeriodSeconds', 'limit', 'timeoutSeconds']);

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'Asks for events of type BOOKMARK in a watch.',
  continue: 'The token of the previous page of a list.',
  dryRun: 'All: every stage of the request is run, nothing is stored.',
  fieldManager: 'The name under which changed fields are owned. Required for apply.',
  fieldSelector: 'Restricts the objects to those whose fields match.',
  fieldValidation: 'What to do about unknown and duplicate fields: Ignore, Warn or Strict.',
  force: 'Takes over fields that other managers own. For apply only.',
  gracePeriodSeconds: 'Seconds before the object is deleted; zero deletes at once.',
  ignoreStoreReadErrorWithClusterBreakingPotential:
    'Deletes an object even when it cannot be read from the store.',
  labelSelector: 'Restricts the objects to those whose labels match.',
  limit: 'The largest number of items in one page of a list.',
  orphanDependents: 'Deprecated: use propagationPolicy.',
  pretty: "If 'true', the output is indented for people.",
  propagationPolicy: 'What happens to dependents: Orphan, Background or Foreground.',
  resourceVersion: 'The version that the answer must be at, not older than, or start from.',
  resourceVersionMatch: 'How resourceVersion applies to a list: Exact or NotOlderThan.',
  sendInitialEvents: 'Starts a watch with the present state, ended by a bookmark.',
  shardSelector: 'Restricts the objects to a shard of them.',
  timeoutSeconds: 'Ends the call after so many seconds.',
  watch: 'Watches for changes instead of listing.',
};

export function queryParameterShape(name: string): ParameterShape {
  const type = BOOLEANS.has(name) ? 'boolean' : INTEGERS.has(name) ? 'integer' : 'string';
  return { name, in: 'query', type, description: DESCRIPTIONS[name] ?? '' };
}

/** The names in the braces of a path. */
export function parameterNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}
