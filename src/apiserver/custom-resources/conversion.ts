/**
 * Custom resources between their versions: by their name alone (`None`), or by asking a webhook.
 *
 * Input: objects of any stored version. Output: the same objects in the wanted version, in the same order;
 * what has the version already is passed through. A webhook may change everything but an object's identity, and of
 * its metadata only labels and annotations.
 */

import { fieldErrorText, ROOT_PATH } from '../../api/field/field-error.ts';
import { ApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { validateAnnotations, validateLabels } from '../../api/meta/validate-metadata.ts';
import { sentText } from '../../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { goTypeOf } from '../../api/structural/scale.ts';
import { isList, isObject } from '../../api/structural/structural.ts';
import type { CustomResourceDefinition, ObjectMeta } from '../../api/types.gen.ts';
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
    const [first] = waiting;
    if (first === undefined) return objects;
    if (reviewVersion === undefined) throw failure('no supported conversion review versions');
    const kind = `${first.apiVersion ?? ''}, Kind=${definition.spec.names.kind}`;
    const fail: Fail = (why, cause) => {
      throw failure(`conversion webhook for ${kind} ${why}`, cause);
    };
    const request = { uid: uuid(), desiredAPIVersion: apiVersion, objects: waiting as unknown as JsonValue };
    const review: JsonObject = {
      kind: 'ConversionReview',
      apiVersion: `apiextensions.k8s.io/${reviewVersion}`,
      request,
    };
    const answer = await callWebhook(clientConfig, review, WEBHOOK_TIMEOUT_MS).catch((cause: unknown) =>
      fail(`failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause),
    );
    const converted = readAnswer(answer, review, waiting, fail);
    let next = 0;
    return objects.map((object) =>
      object.apiVersion === apiVersion ? object : (converted[next++] ?? object),
    );
  };
}

/** Upstream's is no `Status` of its own, so that clients see its text and nothing before it. */
function failure(text: string, cause?: unknown): ApiError {
  return new ApiError(500, '', text, undefined, cause);
}

const renameVersion: Convert = async (objects, apiVersion) =>
  objects.map((object) => (object.apiVersion === apiVersion ? object : { ...object, apiVersion }));

type Fail = (why: string, cause?: unknown) => never;

function readAnswer(
  answer: JsonValue,
  review: JsonObject,
  sent: readonly KubernetesObject[],
  fail: Fail,
): readonly KubernetesObject[] {
  const { uid, desiredAPIVersion } = review['request'] as JsonObject;
  const reviewed = isObject(answer) ? answer : {};
  const { response } = reviewed;
  // Reviews of the older version were never checked for whose they are.
  const isChecked = review['apiVersion'] === 'apiextensions.k8s.io/v1';
  if (isChecked && (reviewed['apiVersion'] !== review['apiVersion'] || reviewed['kind'] !== review['kind'])) {
    fail(`failed: expected webhook response of ${kindText(review)}, got ${kindText(reviewed)}`);
  }
  if (!isObject(response)) return fail('failed: no response provided');
  if (isChecked && response['uid'] !== uid) {
    const got = JSON.stringify(response['uid'] ?? '');
    fail(`failed: expected response.uid=${JSON.stringify(uid)}, got ${got}`);
  }
  const { status = '', message = '' } = isObject(response['result']) ? response['result'] : {};
  if (status !== 'Success') {
    const why = `response.result.status was '${sentText(status)}', not 'Success'`;
    fail(`failed: ${typeof message === 'string' && message !== '' ? message : why}`);
  }
  const { convertedObjects } = response;
  const converted = isList(convertedObjects) ? convertedObjects : [];
  if (converted.length !== sent.length) fail(`returned ${converted.length} objects, expected ${sent.length}`);
  return sent.map((original, i) =>
    checked(original, converted[i] ?? null, String(desiredAPIVersion), i, fail),
  );
}

function kindText({ apiVersion = '', kind = '' }: JsonObject): string {
  return `${sentText(apiVersion)}, Kind=${sentText(kind)}`;
}

/** Identity is not the webhook's to change; the rest of the metadata stays, labels and annotations are its own. */
function checked(
  original: KubernetesObject,
  converted: JsonValue,
  apiVersion: string,
  i: number,
  fail: Fail,
): KubernetesObject {
  const type = isObject(converted) ? converted : {};
  const wrong = `returned invalid object at index ${i}:`;
  const received = sentText(type['apiVersion']);
  if (received !== apiVersion)
    fail(`${wrong} invalid groupVersion (expected ${apiVersion}, received ${received})`);
  const kind = sentText(type['kind']);
  if (kind !== original.kind)
    fail(`${wrong} invalid kind (expected ${original.kind ?? ''}, received ${kind})`);
  const { metadata } = type;
  const named = isObject(metadata) ? metadata : {};
  for (const [name, shown] of IDENTITY) {
    const [before, after] = [original.metadata[name] ?? '', sentText(named[name])];
    if (before !== after) fail(`returned invalid object: must have the same ${shown}: ${before} != ${after}`);
  }
  const restored = restoredMetadata(original.metadata, metadata);
  if (typeof restored === 'string') return fail(`returned invalid metadata: ${restored}`);
  return { ...(type as unknown as KubernetesObject), metadata: restored };
}

const IDENTITY = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

/** Or what is wrong with what the webhook made of it. */
function restoredMetadata(original: ObjectMeta, converted: JsonValue | undefined): ObjectMeta | string {
  if (converted === undefined) return 'missing metadata in converted object';
  if (!isObject(converted)) return `invalid metadata of type ${goTypeOf(converted)} in converted object`;
  const { labels: _labels, annotations: _annotations, ...kept } = original;
  let restored: ObjectMeta = kept;
  for (const name of ['labels', 'annotations'] as const) {
    const texts = converted[name];
    if (texts === undefined || texts === null) continue;
    if (!isObject(texts)) return `invalid metadata.${name} of type ${goTypeOf(texts)} in converted object`;
    for (const [key, value = null] of Object.entries(texts)) {
      if (typeof value === 'string') continue;
      return `metadata.${name}[${key}] must be a string, but is ${goTypeOf(value)} in converted object`;
    }
    const next = texts as unknown as { readonly [key: string]: string };
    const errors = deepEqual(next, original[name] ?? {}) ? [] : errorsIn(name, next);
    if (errors.length > 0) return errors.length === 1 ? errors.join('') : `[${errors.join(', ')}]`;
    restored = { ...restored, [name]: next };
  }
  return restored;
}

function errorsIn(
  name: 'labels' | 'annotations',
  texts: { readonly [key: string]: string },
): readonly string[] {
  const path = ROOT_PATH.child('metadata');
  const errors =
    name === 'labels'
      ? validateLabels(path.child('labels'), texts)
      : // The singular is upstream's.
        validateAnnotations(path.child('annotation'), texts);
  return errors.map(fieldErrorText);
}
