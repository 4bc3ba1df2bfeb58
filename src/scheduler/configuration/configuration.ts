/**
 * The configuration of the scheduler: a file of kind `KubeSchedulerConfiguration`
 * (`kubescheduler.config.k8s.io/v1`), as kube-scheduler takes it with `--config`.
 *
 * Input: the file's text, YAML or JSON. Output: the profiles as functions of what plugins may look at, how
 * long refused pods wait, and the extenders; or everything that is wrong, each with the path of the field.
 * Unknown and repeated fields are errors. What concerns a process of its own (`leaderElection`,
 * `clientConnection`, profiling, `parallelism`) is checked and has no effect: the scheduler is a part of
 * the server.
 */

import { fieldErrorText, ROOT_PATH, type FieldPath } from '../../api/field/field-error.ts';
import { decodeObject } from '../../api/schema/decode.ts';
import { strictDecodingErrorText, strictErrorTexts } from '../../api/schema/strict.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { parseYaml } from '../../api/yaml/yaml.ts';
import type { PluginContext } from '../plugins/catalog.ts';
import { GANG_SCHEDULING } from '../plugins/gang-scheduling/gang-scheduling.ts';
import type { Profile } from '../profile.ts';
import type { Backoff } from '../queue/queue.ts';
import type {
  ArgsByPlugin,
  Extender,
  KubeSchedulerConfiguration,
  KubeSchedulerProfile,
  PluginConfig,
} from './document.ts';
import { NO_FEATURES, type FeatureGates } from './feature-gates.ts';
import { API_VERSION, argsSchema, configurationSchema, KIND } from './notation.ts';
import { makeProfile, runsPlugin } from './profiles.ts';
import { VALIDATORS } from './validate-args.ts';
import { validateConfiguration } from './validate.ts';

export interface SchedulerConfiguration {
  readonly profiles: (context: PluginContext) => readonly Profile[];
  readonly backoff: Backoff;
  readonly extenders: readonly Extender[];
  /** Whether pods are decided on with their PodGroups, which are served only then. */
  readonly usesPodGroups: boolean;
}

export type ReadConfiguration =
  | { readonly ok: true; readonly configuration: SchedulerConfiguration }
  /** One line each. */
  | { readonly ok: false; readonly problems: readonly string[] };

const DEFAULT_SCHEDULER = 'default-scheduler';

/** The configuration of those who write no file. */
export const DEFAULT_TEXT = JSON.stringify({ apiVersion: API_VERSION, kind: KIND });

export async function readConfiguration(
  text: string,
  gates: FeatureGates = NO_FEATURES,
): Promise<ReadConfiguration> {
  const parsed = await parseYaml(text);
  if (!parsed.ok) return failed(parsed.error);
  const [document, ...more] = parsed.documents;
  if (document === undefined || more.length > 0) return failed('the file must hold exactly one document');
  if (!isObject(document)) return failed(`the file must hold an object of kind ${KIND}`);
  if (document['apiVersion'] !== API_VERSION || document['kind'] !== KIND)
    return failed(
      `no kind ${shown(document['kind'])} is registered for version ${shown(document['apiVersion'])}: ` +
        `must be kind ${KIND} of ${API_VERSION}`,
    );
  const decoded = decodeObject(configurationSchema(), document);
  if (!decoded.ok) return failed(decoded.error);
  const strict = [...strictErrorTexts(decoded.unknownFields, []), ...(parsed.repeatedKeys ?? [])];
  const configuration = decoded.value as unknown as KubeSchedulerConfiguration;
  const profiles = named(configuration.profiles ?? []);
  const args = profiles.map(({ pluginConfig = [] }, i) =>
    decodeArgs(ROOT_PATH.child('profiles').index(i).child('pluginConfig'), pluginConfig),
  );
  strict.push(...args.flatMap(({ unknown }) => unknown));
  const problems = [
    ...(strict.length > 0 ? [strictDecodingErrorText(strict)] : []),
    ...validateConfiguration(configuration, profiles).map(fieldErrorText),
    ...args.flatMap((one) => one.problems),
  ];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, configuration: assemble(configuration, profiles, args, gates) };
}

function failed(problem: string): ReadConfiguration {
  return { ok: false, problems: [problem] };
}

function shown(value: JsonValue | undefined): string {
  return JSON.stringify(value ?? '');
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One profile needs no name; of several each must say its own. */
function named(profiles: readonly KubeSchedulerProfile[]): readonly KubeSchedulerProfile[] {
  const [only = {}, ...more] = profiles;
  return more.length > 0 ? profiles : [{ ...only, schedulerName: only.schedulerName ?? DEFAULT_SCHEDULER }];
}

interface DecodedArgs {
  readonly args: ArgsByPlugin;
  readonly unknown: readonly string[];
  readonly problems: readonly string[];
}

/** Arguments of plugins that are not ours are left alone, as upstream leaves those that it does not know. */
function decodeArgs(path: FieldPath, configs: readonly PluginConfig[]): DecodedArgs {
  const args: { [plugin: string]: JsonObject } = {};
  const unknown: string[] = [];
  const problems: string[] = [];
  for (const [i, { name, args: written = {} }] of configs.entries()) {
    const schema = argsSchema(name);
    if (schema === undefined) continue;
    const at = path.index(i).child('args');
    const { kind = `${name}Args`, apiVersion = API_VERSION, ...rest } = isObject(written) ? written : {};
    if (kind !== `${name}Args` || apiVersion !== API_VERSION) {
      problems.push(`${at.toString()}: must be of kind ${name}Args in ${API_VERSION}, got ${shown(kind)}`);
      continue;
    }
    const decoded = decodeObject(schema, isObject(written) ? rest : written);
    if (!decoded.ok) {
      problems.push(`${at.toString()}: ${decoded.error}`);
      continue;
    }
    unknown.push(
      ...strictErrorTexts(
        decoded.unknownFields.map((field) => `${at.toString()}.${field}`),
        [],
      ),
    );
    args[name] = decoded.value;
    const validate = VALIDATORS[name as keyof ArgsByPlugin] as (path: FieldPath, args: object) => [];
    problems.push(...validate(at, decoded.value).map(fieldErrorText));
  }
  return { args: args as unknown as ArgsByPlugin, unknown, problems };
}

function assemble(
  { percentageOfNodesToScore, ...more }: KubeSchedulerConfiguration,
  profiles: readonly KubeSchedulerProfile[],
  args: readonly DecodedArgs[],
  gates: FeatureGates,
): SchedulerConfiguration {
  const { extenders = [], podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10 } = more;
  // What an extender answers for is none of the filter's business.
  const ignoredResources = extenders
    .flatMap(({ managedResources = [] }) => managedResources)
    .filter(({ ignoredByScheduler }) => ignoredByScheduler === true)
    .map(({ name }) => name);
  return {
    extenders,
    usesPodGroups:
      gates.GenericWorkload || profiles.some(({ plugins = {} }) => runsPlugin(plugins, GANG_SCHEDULING)),
    backoff: { initialMs: podInitialBackoffSeconds * 1000, maxMs: podMaxBackoffSeconds * 1000 },
    profiles: (context) =>
      profiles.map((profile, i) =>
        makeProfile(context, {
          schedulerName: profile.schedulerName ?? DEFAULT_SCHEDULER,
          percentageOfNodesToScore: profile.percentageOfNodesToScore ?? percentageOfNodesToScore ?? 0,
          plugins: profile.plugins ?? {},
          args: args[i]?.args ?? {},
          ignoredResources,
          moreDefaults: gates.GangScheduling ? [GANG_SCHEDULING] : [],
        }),
      ),
  };
}
