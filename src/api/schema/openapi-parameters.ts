/** The parameters of operations, as OpenAPI describes them. */

export interface ParameterShape {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

const BOOLEANS: ReadonlySet<string> = new Set([
  'allowWatchBookmarks', 'force', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents',
  'sendInitialEvents', 'watch', 'follow', 'insecureSkipTLSVerifyBackend', 'previous', 'stderr', 'stdin', 'stdout', 'timestamps', 'tty',
]); // prettier-ignore
const INTEGERS: ReadonlySet<string> = new Set([
  'gracePeriodSeconds', 'limit', 'limitBytes', 'ports', 'sinceSeconds', 'tailLines', 'timeoutSeconds',
]); // prettier-ignore

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'Asks for events of type BOOKMARK in a watch.',
  command: 'The command to run; once for each of its words.',
  container: 'The container, where the pod has several.',
  continue: 'The token of the previous page of a list.',
  dryRun: 'All: every stage of the request is run, nothing is stored.',
  fieldManager: 'The name under which changed fields are owned. Required for apply.',
  fieldSelector: 'Restricts the objects to those whose fields match.',
  fieldValidation: 'What to do about unknown and duplicate fields: Ignore, Warn or Strict.',
  follow: 'Goes on with what is written from now on.',
  force: 'Takes over fields that other managers own. For apply only.',
  gracePeriodSeconds: 'Seconds before the object is deleted; zero deletes at once.',
  ignoreStoreReadErrorWithClusterBreakingPotential:
    'Deletes an object even when it cannot be read from the store.',
  insecureSkipTLSVerifyBackend: 'Does not check the certificate of the node.',
  labelSelector: 'Restricts the objects to those whose labels match.',
  limit: 'The largest number of items in one page of a list.',
  limitBytes: 'Ends the log after so many bytes.',
  orphanDependents: 'Deprecated: use propagationPolicy.',
  path: 'The path to pass the request to.',
  ports: 'The ports to forward.',
  pretty: "If 'true', the output is indented for people.",
  previous: 'The log of the container that ran before.',
  propagationPolicy: 'What happens to dependents: Orphan, Background or Foreground.',
  resourceVersion: 'The version that the answer must be at, not older than, or start from.',
  resourceVersionMatch: 'How resourceVersion applies to a list: Exact or NotOlderThan.',
  sendInitialEvents: 'Starts a watch with the present state, ended by a bookmark.',
  shardSelector: 'Restricts the objects to a shard of them.',
  sinceSeconds: 'Only what was written in the last so many seconds.',
  stderr: 'Takes the standard error.',
  stdin: 'Sends a standard input.',
  stdout: 'Takes the standard output.',
  stream: 'Which of the streams of the container: All, Stdout or Stderr.',
  tailLines: 'Only the last so many lines.',
  timeoutSeconds: 'Ends the call after so many seconds.',
  timestamps: 'Puts the time in front of every line.',
  tty: 'Gives the process a terminal.',
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
