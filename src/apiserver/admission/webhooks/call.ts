/**
 * Asks one webhook about one request.
 *
 * Inputs: the hook, the request as it matched. Output: what the webhook says; it may have refused, which is
 * an answer too. Throws `HookFailure` when there is no answer that counts, which is what `failurePolicy` is
 * about, and `ApiError` for what no policy allows. Bounds: the hook's timeout, the request's own end, 3 MiB of answer.
 */

import { ApiError, badRequestError, internalError, type StatusReason } from '../../../api/meta/api-error.ts';
import { whenAborted } from '../../../base/abort.ts';
import { present } from '../../../base/assert.ts';
import type { GroupVersionSchema } from '../../../api/schema/schema.ts';
import type { JsonValue } from '../../../api/schema/schema.ts';
import type { Status } from '../../../api/types.gen.ts';
import type { CallWebhook } from '../../webhooks/webhook-caller.ts';
import type { Hook } from './hook.ts';
import { readAnswer, reviewOf, type Answer, type Asked } from './review.ts';

export interface CallParts {
  readonly callWebhook: CallWebhook;
  readonly uuid: () => string;
  readonly schemas: ReadonlyMap<string, GroupVersionSchema>;
}

export class HookFailure extends Error {
  override readonly name = 'HookFailure';

  constructor(hook: Hook, why: string, cause?: unknown) {
    super(`failed calling webhook ${JSON.stringify(hook.name)}: ${why}`, { cause });
  }
}

export type Said = Extract<Answer, { ok: true }>;

export async function ask(
  hook: Hook,
  asked: Asked,
  isMutating: boolean,
  { callWebhook, uuid, schemas }: CallParts,
): Promise<Said> {
  const { dryRun, context } = asked.request;
  if (dryRun && !hook.isSafe) {
    throw badRequestError(`admission webhook ${JSON.stringify(hook.name)} does not support dry run`);
  }
  const { reviewVersion } = hook;
  if (reviewVersion === undefined) {
    const why = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)';
    throw new HookFailure(hook, `could not create admission objects: ${why}`);
  }
  const uid = uuid();
  let json: JsonValue;
  try {
    const review = reviewOf(asked, uid, reviewVersion);
    json = await untilAborted(callWebhook(hook.clientConfig, review, hook.timeoutMs), context.signal);
  } catch (error) {
    throw new HookFailure(hook, `failed to call webhook: ${textOf(error)}`, error);
  }
  const answer = readAnswer(json, reviewSchema(schemas), { uid, version: reviewVersion, isMutating });
  if (!answer.ok) throw new HookFailure(hook, answer.problem);
  for (const text of answer.response.warnings ?? []) context.warn(text);
  return answer;
}

function reviewSchema(schemas: CallParts['schemas']) {
  return present(schemas.get('admission/v1')?.messages.get('AdmissionReview'), 'schema of AdmissionReview');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Who has asked gets an answer when its time is over, whatever a webhook still does. */
async function untilAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = Promise.withResolvers<never>();
  // Nobody listens to the loser of the race any more.
  ended.promise.catch(() => {});
  call.catch(() => {});
  const forget = whenAborted(signal, () => ended.reject(new Error('context deadline exceeded')));
  try {
    return await Promise.race([call, ended.promise]);
  } finally {
    forget();
  }
}

/** What a client is told when a webhook refuses, in the webhook's words and with its details. */
export function denial(hook: Hook, status: Partial<Status> = {}): ApiError {
  const { code = 0, message = '', reason = '', details } = status;
  const why = message === '' ? reason : message;
  const said = `admission webhook ${JSON.stringify(hook.name)} denied the request`;
  const text = why === '' ? `${said} without explanation` : `${said}: ${why}`;
  // A refusal that is no error for HTTP would read as success.
  return new ApiError(code < 400 ? 400 : code, reason as StatusReason, text, details);
}

/** Of a webhook that fails closed. */
export function failure(error: HookFailure): ApiError {
  return internalError(error.message, error);
}
