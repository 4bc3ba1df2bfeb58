/** For tests: a server of one custom kind, `crontabs.stable.example.com`, asked over HTTP without a socket. */

import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/types.gen.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { objectMetaSchema } from '../../api/schema/object-meta.ts';
import { createTestFront } from '../http/front.fixture.ts';
import type { createTestPipeline } from '../pipeline.fixture.ts';
import { scaleHandler } from '../subresources/scale.ts';
import type { CallWebhook } from '../webhooks/webhook-caller.ts';
import { conversionOf } from './conversion.ts';
import { customResources } from './custom-kind.ts';

export const GROUP = 'stable.example.com';

export interface JsonAnswer {
  readonly status: number;
  readonly body: JsonObject;
  readonly warnings: string;
}

export interface CustomFront {
  /** `path`: after the version, `default/crontabs/one/scale`; of another version: `v2:default/crontabs`. */
  ask(method: string, path: string, body?: JsonValue, options?: AskOptions): Promise<JsonAnswer>;
  /** The kind is served as this from now on. */
  serve(versions: readonly CustomResourceDefinitionVersion[], more?: ServedMore): void;
  readonly test: ReturnType<typeof createTestPipeline>;
}

export interface AskOptions {
  readonly query?: string;
  readonly contentType?: string;
  /** In place of the JSON of the body. */
  readonly text?: string;
}

export interface ServedMore {
  readonly conversion?: CustomResourceDefinition['spec']['conversion'];
  readonly callWebhook?: CallWebhook;
}

const NAMES = { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', listKind: 'CronTabList' };

export function createCustomFront(
  versions: readonly CustomResourceDefinitionVersion[],
  more: ServedMore = {},
): CustomFront {
  const { ask, test } = createTestFront(({ resources }) => ({
    subresources: [scaleHandler(resources.schemas)],
  }));
  const serve: CustomFront['serve'] = (served, { conversion, callWebhook = NO_WEBHOOK } = {}) => {
    const definition = definitionOf(served, conversion);
    const convert = conversionOf(definition, callWebhook, () => test.host.random.uuid());
    const parts = { definition, objectMeta: objectMetaSchema(), convert };
    test.resources.replaceCustom(customResources(parts));
  };
  serve(versions, more);
  return {
    test,
    serve,
    ask: async (method, path, body, { query = '', contentType = 'application/json', text } = {}) => {
      const [first = '', rest] = path.split(':');
      const at = rest === undefined ? `v1/namespaces/${first}` : `${first}/namespaces/${rest}`;
      const sent = body === undefined && text === undefined ? '' : (text ?? JSON.stringify(body));
      const answer = await ask(`/apis/${GROUP}/${at}${query}`, {
        method,
        headers: { 'content-type': contentType },
        body: sent,
      });
      const answered = JSON.parse(answer.body.toString()) as JsonObject;
      return { status: answer.status, body: answered, warnings: String(answer.headers['warning'] ?? '') };
    },
  };
}

const NO_WEBHOOK: CallWebhook = async () => {
  throw new Error('nobody answers');
};

function definitionOf(
  versions: readonly CustomResourceDefinitionVersion[],
  conversion: ServedMore['conversion'],
): CustomResourceDefinition {
  const storedVersions = versions.filter(({ storage }) => storage).map(({ name }) => name);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `crontabs.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: NAMES,
      versions,
      ...(conversion === undefined ? {} : { conversion }),
    },
    status: { acceptedNames: NAMES, storedVersions, conditions: [] },
  };
}
