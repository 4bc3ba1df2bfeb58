/**
 * ValidatingAdmissionWebhook: asks webhooks whether a request may be carried out, all of them at once. One
 * refusal is enough; the first that came is told.
 *
 * Inputs: ValidatingWebhookConfigurations in the store, followed; the request with its final object. Output:
 * nothing, or an `ApiError` in upstream's words. Upstream: `admission/plugin/webhook/validating/dispatcher.go`.
 */

import { validatingWebhookConfigurations } from '../../../api/groups/admissionregistration/validating-webhook-configuration/validating-webhook-configuration.ts';
import { timeoutError } from '../../../api/meta/api-error.ts';
import { prefixRange } from '../../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { Followed } from '../dynamic/followed.ts';
import { isExempt } from '../dynamic/matching.ts';
import { worldOf } from '../dynamic/world.ts';
import { ask, denial, failure, HookFailure } from './call.ts';
import { hooksOf, type Hook } from './hook.ts';
import type { Asked } from './review.ts';
import { selected } from './selection.ts';
import type { WebhookParts } from './webhook-parts.ts';

const { group, plural } = validatingWebhookConfigurations;

export function validatingWebhook(parts: WebhookParts): AdmissionPlugin {
  const hooks = new Followed(parts.store, prefixRange(`/registry/${group}/${plural}/`), hooksOf);
  const selection = { world: worldOf(parts), authorizer: parts.authorizer };
  const judge = (request: AdmissionRequest): Promise<void> | undefined => {
    if (hooks.current.length === 0 || request.isInternal === true || isExempt(request)) return undefined;
    return askAll(parts, hooks.current, request, selection);
  };
  return {
    name: 'ValidatingAdmissionWebhook',
    validate: judge,
    validateOther: judge,
    stop: () => hooks.stop(),
  };
}

async function askAll(
  parts: WebhookParts,
  hooks: readonly Hook[],
  request: AdmissionRequest,
  selection: Parameters<typeof selected>[2],
): Promise<void> {
  const relevant: (readonly [Hook, Asked])[] = [];
  for (const hook of hooks) {
    const asked = await selected(hook, request, selection);
    if (asked !== undefined) relevant.push([hook, asked]);
  }
  if (relevant.length === 0) return;
  if (request.context.signal.aborted) throw timeoutError('request did not complete within requested timeout');
  const refusals: unknown[] = [];
  await Promise.all(
    relevant.map(([hook, asked]) =>
      askOne(parts, hook, asked).catch((error: unknown) => void refusals.push(error)),
    ),
  );
  if (refusals.length > 0) throw refusals[0];
}

async function askOne(parts: WebhookParts, hook: Hook, asked: Asked): Promise<void> {
  try {
    const { response } = await ask(hook, asked, false, parts);
    if (!response.allowed) throw denial(hook, response.status);
  } catch (error) {
    if (!(error instanceof HookFailure)) throw error;
    if (!hook.failsOpen) throw failure(error);
    parts.logger.warn(`a webhook was passed over: ${error.message}`);
  }
}
