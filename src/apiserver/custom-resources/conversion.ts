/**
 * Custom resources between their versions: by their name alone (`None`), or by asking a webhook.
 *
 * Input: objects of any stored version. Output: the same objects in the wanted version, in the same order;
 * what has the version already is passed through. A webhook may change everything but an object's identity, and of
 * its metadata only labels and annotations.
 */

import { internalError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { CustomResourceDefinition } from '../../api/types.gen.ts';
import type { CallWebhook } from '../webhooks/webhook-caller.ts';

export type Convert = (
  objects: readonly KubernetesObject[],
  apiVersion: string,
) => Promise<readonly KubernetesObject[]>;

const WEBHOOK_TIMEOUT_MS = 30_000;
const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1'];

export function conversionOf(
  definition: CustomResourceDefinition,
  callWebhook: CallWebhook,
  uuid: () => string,
): Convert {
  const { conversion } = definition.spec;
  if (conversion?.strategy !== 'Webhook' || conversion.webhook?.clientConfig === undefined)
    return renameVersion;
  const { clientConfig, conversionReviewVersions } = conversion.webhook;
  const reviewVersion = conversionReviewVersions.find((version) => REVIEW_VERSIONS.includes(version));
  return async (objects, apiVersion) => {
    const waiting = objects.filter((object) => object.apiVersion !== apiVersion);
    if (waiting.length === 0) return objects;
    const kind = `${groupOf(waiting[0])}, Kind=${definition.spec.names.kind}`;
    const fail = (why: string, cause?: unknown): never => {
      throw internalError(`conversion webhook for ${kind} failed: ${why}`, cause);
    };
    const request = { uid: uuid(), desiredAPIVersion: apiVersion, objects: waiting as unknown as JsonValue };
    const review: JsonObject = {
      kind: 'ConversionReview',
      apiVersion: `apiextensions.k8s.io/${reviewVersion ?? 'v1'}`,
      request,
    };
    const answer = await callWebhook(clientConfig, review, WEBHOOK_TIMEOUT_MS).catch((cause: unknown) =>
      fail(cause instanceof Error ? cause.message : String(cause), cause),
    );
    const converted = readAnswer(answer, review, waiting, fail);
    let next = 0;
    return objects.map((object) =>
      object.apiVersion === apiVersion ? object : (converted[next++] ?? object),
    );
  };
}

const renameVersion: Convert = async (objects, apiVersion) =>
  objects.map((object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion }));

function groupOf(object: KubernetesObject | undefined): string {
  return object?.apiVersion ?? '';
}

type Fail = (why: string) => never;

function readAnswer(
  answer: JsonValue,
  review: JsonObject,
  sent: readonly KubernetesObject[],
  fail: Fail,
): readonly KubernetesObject[] {
  if (!isObject(answer)) return fail('the response is no JSON object');
  const { apiVersion, kind, response } = answer;
  if (apiVersion !== review['apiVersion'] || kind !== 'ConversionReview') {
    return fail(
      `expected webhook response of ${String(review['apiVersion'])}, Kind=ConversionReview, got ${String(apiVersion)}, Kind=${String(kind)}`,
    );
  }
  if (!isObject(response)) return fail('no response provided');
  const { uid } = review['request'] as JsonObject;
  if (response['uid'] !== uid)
    return fail(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'])}`);
  const result = isObject(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success') {
    const { message } = result;
    return fail(
      typeof message === 'string' && message !== ''
        ? message
        : `response.result.status was '${String(result['status'] ?? '')}', not 'Success'`,
    );
  }
  const objects = response['convertedObjects'];
  const converted = Array.isArray(objects) ? (objects as readonly JsonValue[]) : [];
  if (converted.length !== sent.length)
    return fail(`returned ${converted.length} objects, expected ${sent.length}`);
  const wanted = (review['request'] as JsonObject)['desiredAPIVersion'];
  return sent.map((original, i) => {
    const object = converted[i];
    if (!isObject(object)) return fail(`returned invalid converted object at index ${i}: it is no object`);
    return checked(original, object, String(wanted), i, fail);
  });
}

/** Identity is not the webhook's to change; the rest of the metadata stays, labels and annotations are its own. */
function checked(
  original: KubernetesObject,
  converted: JsonObject,
  apiVersion: string,
  i: number,
  fail: Fail,
): KubernetesObject {
  const bad = (why: string): never => fail(`returned invalid converted object at index ${i}: ${why}`);
  if (converted['apiVersion'] !== apiVersion)
    bad(`invalid groupVersion (expected ${apiVersion}, received ${String(converted['apiVersion'])})`);
  if (converted['kind'] !== original.kind)
    bad(`invalid kind (expected ${original.kind}, received ${String(converted['kind'])})`);
  const metadata = isObject(converted['metadata']) ? converted['metadata'] : {};
  for (const name of ['name', 'namespace', 'uid'] as const) {
    const [before, after] = [original.metadata[name], metadata[name]];
    if (!deepEqual(before, after)) bad(`must have the same ${name}: ${String(before)} != ${String(after)}`);
  }
  const { labels: _labels, annotations: _annotations, ...kept } = original.metadata;
  const { labels, annotations } = metadata;
  return {
    ...(converted as unknown as KubernetesObject),
    metadata: {
      ...kept,
      ...(isObject(labels) ? { labels: labels as { [key: string]: string } } : {}),
      ...(isObject(annotations) ? { annotations: annotations as { [key: string]: string } } : {}),
    },
  };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
