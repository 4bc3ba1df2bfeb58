/** What the conformance tests of admission webhooks share: configurations, and what they are about. */

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { refusal, startApi, type Api } from './api.fixture.ts';
import { WebhookServer } from './webhook-server.fixture.ts';

export const GROUP = 'admissionregistration.k8s.io';
export const urlOf = (kind: Kind): string => `/apis/${GROUP}/v1/${kind}webhookconfigurations`;

export type Kind = 'mutating' | 'validating';

/** A cluster for the tests of one file, with the webhook's server beside it. */
export class WebhookTests {
  readonly server = new WebhookServer();
  #api: Api | undefined;

  constructor() {
    before(async () => {
      await this.server.start();
      this.#api = await startApi({ nodes: 1, network: this.server.network });
      await this.server.serve(this.#api);
    });
    after(async () => {
      await this.#api?.cluster.stop();
      this.server.stop();
    });
  }

  get api(): Api {
    assert.ok(this.#api !== undefined, 'the cluster has not started');
    return this.#api;
  }

  hook(namespace: string, options: HookOptions): object {
    const { name, path, operations = ['CREATE'], groups = [''] } = options;
    const { versions = ['v1'], resources, more = {} } = options;
    return {
      name,
      clientConfig: this.server.client(path),
      rules: [{ operations, apiGroups: groups, apiVersions: versions, resources }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1', 'v1beta1'],
      // Of what is in a namespace, only what is in the test's own.
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      ...more,
    };
  }

  /** Two webhooks, of which the second sees what the first has done. */
  stages(namespace: string, path: string, rule: Omit<HookOptions, 'name' | 'path'>): readonly object[] {
    return ['1', '2'].map((stage) =>
      this.hook(namespace, { ...rule, name: `adding-data-stage-${stage}.k8s.io`, path }),
    );
  }

  /** Registered for the length of `run`. */
  async during(
    kind: Kind,
    name: string,
    webhooks: readonly object[],
    run: () => Promise<void>,
  ): Promise<void> {
    await this.api.post(urlOf(kind), { metadata: { name }, webhooks });
    try {
      await run();
    } finally {
      await this.api.delete(`${urlOf(kind)}/${name}`).catch(() => undefined);
    }
  }
}

export interface HookOptions {
  readonly name: string;
  readonly path: string;
  readonly operations?: readonly string[];
  readonly groups?: readonly string[];
  readonly versions?: readonly string[];
  readonly resources: readonly string[];
  readonly more?: object;
}

export const UNWANTED = { 'webhook-e2e-test': 'webhook-disallow' };

export async function refusedFor(request: Promise<unknown>, why: RegExp): Promise<void> {
  assert.match((await refusal(request)).message, why);
}
