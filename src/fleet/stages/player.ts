/**
 * Plays Stages on the objects of one kind: one stage after the other, each after its delay.
 *
 * State: for each object the stage that it waits for. An object that changes is looked at again; while the
 * same stage is next, its time stays. After a restart delays begin anew. Every write says which version it
 * is about, so that a cache that lags costs a refused write, and never a stage played twice.
 */

import { errorText } from '../../base/log.ts';
import { ApiError, isApiError } from '../../api/meta/api-error.ts';
import { objectKey, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { formatTime } from '../../api/time/time.ts';
import { parseYaml, yamlRenderer } from '../../api/yaml/yaml.ts';
import type { Patch, PatchRequest } from '../../client/client.ts';
import type { ControllerContext, ReconcileResult } from '../../reconcile/controller.ts';
import { chooseStage, delayOf } from './choose.ts';
import type { CompiledStage, CompiledStep } from './compile.ts';
import type { StageFinalizers } from './stage.ts';
import { TemplateError } from './template/lexer.ts';
import { render, type Functions } from './template/template.ts';

const TOO_MANY_REQUESTS = 429;
const CATCH_UP_MS = 1_000;

interface Awaited {
  readonly stage: string;
  readonly version: string;
  readonly dueMs: number;
}

export class StagePlayer<T extends KubernetesObject> {
  readonly #context: ControllerContext;
  readonly #type: ResourceType<T>;
  readonly #startTime: string;
  readonly #awaited = new Map<string, Awaited>();

  constructor(context: ControllerContext, type: ResourceType<T>) {
    this.#context = context;
    this.#type = type;
    this.#startTime = formatTime(context.clock.now());
  }

  forget(key: string): void {
    this.#awaited.delete(key);
  }

  /** Comes back when the next stage is due. `functions`: those that know the object. */
  async step(object: T, stages: readonly CompiledStage[], functions: Functions): Promise<ReconcileResult> {
    const key = objectKey(object);
    const nowMs = this.#context.clock.now();
    const { uid = '', resourceVersion: version = '' } = object.metadata;
    const subject = `${uid} ${version}`;
    const json = object as unknown as JsonValue;
    const known = this.#awaited.get(key);
    const isKept = ({ name, matches }: CompiledStage): boolean => name === known?.stage && matches(json);
    const kept = known?.version === version ? stages.find(isKept) : undefined;
    const stage = kept ?? chooseStage(stages, json, subject);
    if (stage === undefined) {
      this.#awaited.delete(key);
      return {};
    }
    const dueMs = known?.stage === stage.name ? known.dueMs : nowMs + delayOf(stage, json, subject, nowMs);
    this.#awaited.set(key, { stage: stage.name, version, dueMs });
    if (dueMs > nowMs) return { requeueAfterMs: dueMs - nowMs };
    return this.#play(key, stage, object, functions);
  }

  async #play(
    key: string,
    { name, steps }: CompiledStage,
    object: T,
    functions: Functions,
  ): Promise<ReconcileResult> {
    const all = { ...functions, ...(await this.#ownFunctions()) };
    try {
      let current = object;
      for (const step of steps) current = await this.#take(step, current, all);
      this.#awaited.delete(key);
    } catch (error) {
      if (isApiError(error, 'NotFound')) return {};
      // The cache is about to show another version.
      if (isApiError(error, 'Conflict')) return { requeueAfterMs: CATCH_UP_MS };
      const isFinal = error instanceof ApiError && error.code < 500 && error.code !== TOO_MANY_REQUESTS;
      if (!isFinal && !(error instanceof TemplateError)) throw error;
      const message = `Stage ${name} could not be played: ${errorText(error)}`;
      this.#context.events.record(object, 'Warning', 'StageFailed', message);
    }
    return {};
  }

  async #take(step: CompiledStep, object: T, functions: Functions): Promise<T> {
    const { namespace, name = '', uid = '' } = object.metadata;
    const data = object as unknown as JsonValue;
    switch (step.type) {
      case 'event': {
        const { type, reason = '' } = step.event;
        const message = render(step.message, data, functions);
        this.#context.events.record(object, type === 'Warning' ? 'Warning' : 'Normal', reason, message);
        return object;
      }
      case 'finalizers': {
        const { finalizers: present = [] } = object.metadata;
        const finalizers = changedFinalizers(present, step.finalizers);
        if (finalizers.join() === present.join()) return object;
        return this.#patch(object, { type: 'merge', body: { metadata: { finalizers } } });
      }
      case 'delete': {
        const request = { gracePeriodSeconds: 0, preconditions: { uid } };
        await this.#context.client.delete(this.#type, { namespace, name }, request);
        return object;
      }
      case 'patch': {
        const content = await parsed(render(step.template, data, functions));
        if (content === null) return object;
        const request = step.subresource === undefined ? {} : { subresource: step.subresource };
        return this.#patch(object, patchOf(step.form, step.root, content), request);
      }
    }
  }

  async #patch(object: T, patch: Patch, request: PatchRequest = {}): Promise<T> {
    const { namespace, name = '', uid = '', resourceVersion = '' } = object.metadata;
    const pinned: Patch =
      patch.type === 'json'
        ? {
            type: 'json',
            body: [
              ...patch.body,
              { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
            ],
          }
        : {
            type: patch.type,
            body: {
              ...patch.body,
              metadata: { ...(patch.body['metadata'] as JsonObject | undefined), uid, resourceVersion },
            },
          };
    return this.#context.client.patch(this.#type, { namespace, name }, pinned, request);
  }

  async #ownFunctions(): Promise<Functions> {
    const now = formatTime(this.#context.clock.now());
    const yaml = await yamlRenderer();
    return {
      Now: () => now,
      StartTime: () => this.#startTime,
      YAML: (value, indent) => {
        const text = yaml(value ?? null);
        if (typeof indent !== 'number' || indent <= 0) return text;
        return `\n${text}`.replaceAll('\n', `\n${'  '.repeat(indent)}`);
      },
    };
  }
}

/** Null: the text says nothing. */
async function parsed(text: string): Promise<JsonValue> {
  const yaml = await parseYaml(text);
  if (!yaml.ok) throw new TemplateError(yaml.error);
  const [content = null, ...others] = yaml.documents;
  if (others.length > 0) throw new TemplateError('the template yields several documents');
  return content;
}

function patchOf(form: 'strategic' | 'merge' | 'json', root: string, content: JsonValue): Patch {
  if (form === 'json') {
    if (!Array.isArray(content)) throw new TemplateError('the template of a JSON patch must yield a list');
    const operations: readonly JsonValue[] = content;
    return { type: 'json', body: root === '' ? operations : operations.map((one) => below(root, one)) };
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new TemplateError('the template must yield a map');
  }
  return { type: form, body: root === '' ? (content as JsonObject) : { [root]: content } };
}

function below(root: string, operation: JsonValue): JsonValue {
  if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) return operation;
  const { path, ...others } = operation as JsonObject;
  return { ...others, path: `/${root}${typeof path === 'string' ? path : ''}` };
}

export function changedFinalizers(
  present: readonly string[],
  { add = [], remove = [], empty = false }: StageFinalizers,
): readonly string[] {
  const removed = new Set(remove.map(({ value }) => value));
  const kept = empty ? [] : present.filter((name) => !removed.has(name));
  const added = add.flatMap(({ value = '' }) => (value === '' || kept.includes(value) ? [] : [value]));
  return [...kept, ...added];
}
