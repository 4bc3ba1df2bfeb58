/** For tests: a server without anything but webhooks, which answer from a script. */

import { mutatingWebhookConfigurations } from '../../../api/groups/admissionregistration/mutating-webhook-configuration/mutating-webhook-configuration.ts';
import { validatingWebhookConfigurations } from '../../../api/groups/admissionregistration/validating-webhook-configuration/validating-webhook-configuration.ts';
import type { JsonObject, JsonValue } from '../../../api/schema/schema.ts';
import { silentLogger } from '../../../base/log.ts';
import type { DirectClient } from '../../../client/direct/direct-client.ts';
import type { Operation, Outcome } from '../../../client/operation.ts';
import { ADMIN, createTestPipeline, type TestParts, type TestPipeline } from '../../pipeline.fixture.ts';
import type { CallWebhook } from '../../webhooks/webhook-caller.ts';
import { AdmissionChain, NO_ADMISSION } from '../admission.ts';
import { mutatingWebhook } from './mutating-webhook.ts';
import { validatingWebhook } from './validating-webhook.ts';

/** The `response`, without its uid; or whatever else the webhook answers, as `raw`. */
export type Script = (
  request: JsonObject,
) => JsonObject | { readonly raw: JsonValue } | Promise<JsonObject | { readonly raw: JsonValue }>;

export const ALLOW: JsonObject = { allowed: true };

export function patch(...operations: readonly JsonObject[]): JsonObject {
  const text = JSON.stringify(operations);
  return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(text).toString('base64') };
}

/** The label `name`, on an object that has labels. */
export function label(name: string, value = 'yes'): JsonObject {
  return { op: 'add', path: `/metadata/labels/${name}`, value };
}

const CONFIGURATIONS = {
  mutating: mutatingWebhookConfigurations,
  validating: validatingWebhookConfigurations,
};

type More = (
  context: Parameters<NonNullable<Parameters<typeof createTestPipeline>[0]>>[0],
) => Partial<TestParts>;

export class HookServer {
  readonly server: TestPipeline;
  readonly warnings: string[] = [];
  /** What webhooks were sent, in order. */
  readonly asked: JsonObject[] = [];
  readonly timeouts: number[] = [];
  /** The webhooks alone, for those who ask admission themselves. */
  chain: AdmissionChain = NO_ADMISSION;
  readonly #scripts = new Map<string, Script>();

  constructor(more: More = () => ({})) {
    this.server = createTestPipeline((context) => {
      const { store, resources, host } = context;
      const {
        admission = [],
        authorizer = { authorize: () => ({ allowed: true, reason: '' }) },
        ...others
      } = more(context);
      const parts = {
        ...{ store, resources, schemas: resources.schemas, authorizer, logger: silentLogger },
        callWebhook: this.#call,
        uuid: () => host.random.uuid(),
      };
      const hooks = [mutatingWebhook(parts), validatingWebhook(parts)];
      this.chain = new AdmissionChain(hooks);
      return { ...others, authorizer, admission: [...admission, ...hooks] };
    });
  }

  get client(): DirectClient {
    return this.server.client;
  }

  readonly #call: CallWebhook = async ({ url = '' }, review, timeoutMs) => {
    this.asked.push(review);
    this.timeouts.push(timeoutMs);
    const request = review['request'] as JsonObject;
    const answer = await this.#scripts.get(url)?.(request);
    if (answer === undefined) throw new Error(`Post ${JSON.stringify(url)}: connection refused`);
    if ('raw' in answer && answer['raw'] !== undefined) return answer['raw'] as JsonValue;
    const { kind, apiVersion } = review;
    return { kind, apiVersion, response: { uid: request['uid'], ...answer } };
  };

  /** `request` of what was sent. */
  requests(): readonly JsonObject[] {
    return this.asked.map((review) => review['request'] as JsonObject);
  }

  /** A configuration with one webhook, which answers as `script` does. */
  async register(
    kind: 'mutating' | 'validating',
    name: string,
    script: Script,
    more: JsonObject = {},
  ): Promise<void> {
    const url = `https://${name}.example.com/`;
    this.#scripts.set(url, script);
    const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
    const webhook = {
      name: `${name}.example.com`,
      clientConfig: { url },
      rules: [rule],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      ...more,
    };
    const object = { metadata: { name }, webhooks: [webhook] };
    await this.client.create(CONFIGURATIONS[kind], object as never);
  }

  async execute(operation: Operation, signal = new AbortController().signal): Promise<Outcome> {
    const warn = (text: string): void => void this.warnings.push(text);
    return this.server.pipeline.execute(operation, { user: ADMIN, userAgent: 'test/1', signal, warn });
  }
}

/** `apps/v1/deployments`; the core group has no name: `/v1/pods`. */
export function targetOf(path: string, name = '', namespace = 'default') {
  const [group = '', version = '', resource = '', subresource = ''] = path.split('/');
  return { group, version, resource, subresource, name, namespace };
}
