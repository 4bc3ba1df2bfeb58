/** Webhooks as their configurations have them, made ready to be asked: pure. */

import type { KubernetesObject } from '../../../api/meta/object.ts';
import type {
  MatchCondition,
  MutatingWebhook,
  ValidatingWebhook,
  WebhookClientConfig,
} from '../../../api/types.gen.ts';
import {
  ExpressionCompiler,
  MATCH_CONDITION,
  WEBHOOK_SCOPE,
} from '../../../api/groups/admissionregistration/expressions.ts';
import type { Criteria } from '../dynamic/matching.ts';
import type { Expression, Variables } from '../dynamic/evaluation.ts';

type Webhook = MutatingWebhook | ValidatingWebhook;

export interface Hook {
  /** Its configuration and its place there: no two hooks have the same. */
  readonly id: string;
  readonly name: string;
  readonly criteria: Criteria;
  /** Compiled when they are first needed. */
  readonly conditions: () => Conditions;
  readonly clientConfig: WebhookClientConfig;
  readonly timeoutMs: number;
  /** Whether a request goes on when the webhook cannot be asked. */
  readonly failsOpen: boolean;
  /** Whether a dry run may ask it. */
  readonly isSafe: boolean;
  /** Whether it wants to see what others change after it. */
  readonly isReinvoked: boolean;
  /** Of AdmissionReview; undefined: it knows none that we know. */
  readonly reviewVersion: ReviewVersion | undefined;
}

export interface Conditions {
  readonly expressions: readonly Expression[];
  readonly variables: Variables;
}

export type ReviewVersion = 'v1' | 'v1beta1';

const TIMEOUT_SECONDS = 10;

/** `configurations`: sorted by name, which is the order in which their hooks are asked. */
export function hooksOf(configurations: readonly KubernetesObject[]): readonly Hook[] {
  return configurations.flatMap(({ metadata, ...rest }) => {
    const { webhooks = [] } = rest as { readonly webhooks?: readonly Webhook[] };
    return webhooks.map((webhook, i) => hookOf(webhook, `${metadata.name ?? ''}/${webhook.name}/${i}`));
  });
}

function hookOf(webhook: Webhook, id: string): Hook {
  const { name, clientConfig, sideEffects, matchConditions = [], failurePolicy = 'Fail' } = webhook;
  const { rules = [], matchPolicy = 'Equivalent', namespaceSelector, objectSelector } = webhook;
  const { timeoutSeconds = TIMEOUT_SECONDS, admissionReviewVersions } = webhook;
  return {
    id,
    name,
    criteria: { rules, matchPolicy, namespaceSelector, objectSelector },
    conditions: compiledOnce(matchConditions),
    clientConfig,
    timeoutMs: timeoutSeconds * 1000,
    failsOpen: failurePolicy === 'Ignore',
    isSafe: sideEffects === 'None' || sideEffects === 'NoneOnDryRun',
    isReinvoked: 'reinvocationPolicy' in webhook && webhook.reinvocationPolicy === 'IfNeeded',
    reviewVersion: admissionReviewVersions.find(isReviewVersion),
  };
}

function isReviewVersion(version: string): version is ReviewVersion {
  return version === 'v1' || version === 'v1beta1';
}

function compiledOnce(conditions: readonly MatchCondition[]): () => Conditions {
  let compiled: Conditions | undefined;
  return () => (compiled ??= compiledConditions(conditions));
}

function compiledConditions(conditions: readonly MatchCondition[]): Conditions {
  const compiler = new ExpressionCompiler(WEBHOOK_SCOPE);
  return {
    expressions: conditions.map(({ expression }) => {
      const text = expression.trim();
      return { text, compiled: compiler.compile(text, MATCH_CONDITION) };
    }),
    variables: { type: compiler.variablesType(), compiled: compiler.variables },
  };
}
