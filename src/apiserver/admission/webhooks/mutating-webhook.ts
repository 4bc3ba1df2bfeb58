/**
 * MutatingAdmissionWebhook: asks webhooks one after the other what a request's object shall be, each seeing what
 * those before made of it.
 *
 * Inputs: MutatingWebhookConfigurations in the store, followed; the request. Output: the object as it shall
 * be, or an `ApiError` in upstream's words. Once a hook has changed something, all plugins are asked a second
 * time, and of the hooks those that want to be (`reinvocationPolicy`).
 * Upstream: `admission/plugin/webhook/mutating/dispatcher.go`.
 */

import { mutatingWebhookConfigurations } from '../../../api/groups/admissionregistration/mutating-webhook-configuration/mutating-webhook-configuration.ts';
import { timeoutError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import { prefixRange } from '../../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { Followed } from '../dynamic/followed.ts';
import { isExempt, type World } from '../dynamic/matching.ts';
import { fromMatched } from '../dynamic/versions.ts';
import { worldOf } from '../dynamic/world.ts';
import { ReinvocationNotes } from '../dynamic/reinvocation-notes.ts';
import { ask, denial, failure, HookFailure } from './call.ts';
import { hooksOf, type Hook } from './hook.ts';
import { patchedBy } from './patching.ts';
import type { Asked } from './review.ts';
import { converting, selected } from './selection.ts';
import type { WebhookParts } from './webhook-parts.ts';

const NAME = 'MutatingAdmissionWebhook';
const { group, plural } = mutatingWebhookConfigurations;

export function mutatingWebhook(parts: WebhookParts): AdmissionPlugin {
  const hooks = new Followed(parts.store, prefixRange(`/registry/${group}/${plural}/`), hooksOf);
  const world = worldOf(parts);
  const asks = (request: AdmissionRequest): boolean =>
    hooks.current.length > 0 && request.isInternal !== true && !isExempt(request);
  const changed = async (request: AdmissionRequest): Promise<AdmissionRequest> => {
    const run = new MutatingRun(parts, world, request);
    for (const hook of hooks.current) await run.askBy(hook);
    return run.end();
  };
  return {
    name: NAME,
    mutate: (request) => {
      if (!asks(request)) return request.object;
      return changed(request).then(({ object = request.object }) => object);
    },
    mutateOther: (request) => {
      if (!asks(request)) return request.body?.object;
      return changed(request).then(({ body }) => body?.object);
    },
    stop: () => hooks.stop(),
  };
}

/** One request on its way through all hooks. */
class MutatingRun {
  readonly #parts: WebhookParts;
  readonly #world: World;
  readonly #notes: ReinvocationNotes;
  /** With the object as the hooks so far have left it. */
  #request: AdmissionRequest;

  constructor(parts: WebhookParts, world: World, request: AdmissionRequest) {
    this.#parts = parts;
    this.#world = world;
    this.#request = request;
    this.#notes = notesOf(request);
    const object = objectOf(request);
    if (object !== undefined) this.#notes.begin(object);
  }

  end(): AdmissionRequest {
    const object = objectOf(this.#request);
    if (object !== undefined) this.#notes.end(object);
    return this.#request;
  }

  async askBy(hook: Hook): Promise<void> {
    const { authorizer, logger } = this.#parts;
    const asked = await selected(hook, this.#request, { world: this.#world, authorizer });
    if (asked === undefined) return;
    const { reinvocation, context } = this.#request;
    // Nobody is asked for the first time in the second round.
    if (reinvocation?.isSecond === true && !this.#notes.comesAgain(hook.id)) return;
    try {
      if (await this.#change(hook, asked)) {
        this.#notes.changed();
        reinvocation?.ask();
      }
    } catch (error) {
      if (!(error instanceof HookFailure)) throw error;
      if (!hook.failsOpen) throw failure(error);
      logger.warn(`a webhook was passed over: ${error.message}`);
      if (context.signal.aborted) throw timeoutError('request did not complete within requested timeout');
    }
    if (hook.isReinvoked) this.#notes.invoked(hook.id);
  }

  /** Whether the hook has changed the object. */
  async #change(hook: Hook, asked: Asked): Promise<boolean> {
    const said = await ask(hook, asked, true, this.#parts);
    if (!said.response.allowed) throw denial(hook, said.response.status);
    const outcome = patchedBy(hook.name, said, asked, this.#parts.schemas);
    if (outcome.type === 'unchanged') return false;
    if (outcome.type === 'unusable') throw new HookFailure(hook, outcome.problem);
    const object = await converting(fromMatched(outcome.object, this.#request, asked.matched));
    const { body } = this.#request;
    this.#request =
      body === undefined ? { ...this.#request, object } : { ...this.#request, body: { ...body, object } };
    return outcome.isChanged;
  }
}

function objectOf({ body, object }: AdmissionRequest): KubernetesObject | undefined {
  return body === undefined ? object : body.object;
}

function notesOf({ reinvocation }: AdmissionRequest): ReinvocationNotes {
  const found = reinvocation?.notes.get(NAME);
  if (found instanceof ReinvocationNotes) return found;
  const notes = new ReinvocationNotes();
  reinvocation?.notes.set(NAME, notes);
  return notes;
}
