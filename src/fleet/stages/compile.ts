/**
 * A Stage made ready to be played, or what of it is not supported. Pure. Nothing of a Stage is left out
 * silently: who wrote it should not wonder why something else happens.
 */

import type { JsonValue } from '../../api/schema/schema.ts';
import { parsePath } from './path.ts';
import type {
  Requirement,
  Stage,
  StagedKind,
  StageEvent,
  StageFinalizers,
  StageStep,
  ValueFrom,
} from './stage.ts';
import { TemplateError } from './template/lexer.ts';
import type { Template } from './template/parser.ts';
import { compileTemplate } from './template/template.ts';

/** Functions of templates that depend on the object and the time. */
export const OBJECT_FUNCTIONS: Readonly<Record<StagedKind, readonly string[]>> = {
  Pod: ['Now', 'StartTime', 'YAML', 'NodeIPWith', 'NodeIPsWith', 'PodIPWith', 'PodIPsWith'],
  Node: ['Now', 'StartTime', 'YAML', 'NodeIP', 'NodeName', 'NodePort'],
};

export type Find = (root: JsonValue) => readonly JsonValue[];

export type CompiledStep =
  | { readonly type: 'event'; readonly event: StageEvent; readonly message: Template }
  | { readonly type: 'finalizers'; readonly finalizers: StageFinalizers }
  | { readonly type: 'delete' }
  | {
      readonly type: 'patch';
      readonly form: 'strategic' | 'merge' | 'json';
      readonly subresource: 'status' | undefined;
      readonly root: string;
      readonly template: Template;
    };

/** A number or duration: a constant, and where a better one may stand. */
export interface Source {
  readonly constant: number | undefined;
  readonly find: Find | undefined;
}

export interface CompiledStage {
  readonly name: string;
  readonly kind: StagedKind;
  readonly matches: (object: JsonValue) => boolean;
  readonly weight: Source;
  readonly delay: Source | undefined;
  readonly jitter: Source | undefined;
  readonly steps: readonly CompiledStep[];
}

export type CompileOutcome =
  | { readonly ok: true; readonly stage: CompiledStage }
  | { readonly ok: false; readonly problem: string };

/** Thrown within. */
class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

export function compileStage(stage: Stage): CompileOutcome {
  try {
    return { ok: true, stage: compileOrThrow(stage) };
  } catch (error) {
    if (error instanceof Unsupported || error instanceof TemplateError) {
      return { ok: false, problem: error.message };
    }
    throw error;
  }
}

const FIELDS = {
  spec: 'resourceRef selector weight weightFrom delay next steps immediateNextStage',
  selector: 'matchLabels matchAnnotations matchExpressions',
  delay: 'durationMilliseconds durationFrom jitterDurationMilliseconds jitterDurationFrom',
  next: 'event finalizers delete statusTemplate statusSubresource patches',
  step: 'event finalizers delete patch',
  patch: 'subresource root template type',
} as const;

/** What a later kwok may have added is not left out silently. */
function refuseUnknown(part: keyof typeof FIELDS, object: object | undefined): void {
  const known = FIELDS[part].split(' ');
  const unknown = Object.keys(object ?? {}).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Unsupported(`the field ${part}.${unknown} is not supported`);
}

function compileOrThrow({ metadata, spec }: Stage): CompiledStage {
  refuseUnknown('spec', spec);
  refuseUnknown('selector', spec.selector);
  refuseUnknown('delay', spec.delay);
  refuseUnknown('next', spec.next);
  const { apiGroup = 'v1', kind = '' } = spec.resourceRef ?? {};
  if (apiGroup !== 'v1' || (kind !== 'Pod' && kind !== 'Node')) {
    throw new Unsupported(`stages of ${apiGroup} ${kind} are not supported, only of Pods and Nodes`);
  }
  const { delay } = spec;
  const hasJitter =
    delay?.jitterDurationMilliseconds !== undefined || delay?.jitterDurationFrom !== undefined;
  return {
    name: metadata.name ?? '',
    kind,
    matches: matcherOf(spec),
    weight: sourceOf(spec.weight ?? 0, spec.weightFrom),
    delay: delay === undefined ? undefined : sourceOf(delay.durationMilliseconds ?? 0, delay.durationFrom),
    jitter: hasJitter ? sourceOf(delay.jitterDurationMilliseconds, delay.jitterDurationFrom) : undefined,
    steps: stepsOf(spec).flatMap((step) => compileStep(step, OBJECT_FUNCTIONS[kind])),
  };
}

function matcherOf({ selector }: Stage['spec']): CompiledStage['matches'] {
  if (selector === undefined) return () => false;
  const { matchLabels = {}, matchAnnotations = {}, matchExpressions = [] } = selector;
  const rules = [
    ...Object.entries(matchLabels).map(([key, value]) => isOne('labels', key, value)),
    ...Object.entries(matchAnnotations).map(([key, value]) => isOne('annotations', key, value)),
    ...matchExpressions.map(({ jq, cel, ...plain }) => {
      if (cel !== undefined) throw new Unsupported('expressions in CEL are not supported in selectors');
      return requirement(jq ?? plain);
    }),
  ];
  return (object) => rules.every((rule) => rule(object));
}

function isOne(field: 'labels' | 'annotations', key: string, value: string): CompiledStage['matches'] {
  return requirement({
    key: `.metadata.${field}[${JSON.stringify(key)}]`,
    operator: 'In',
    values: [value],
  });
}

function requirement({ key = '', operator = '', values = [] }: Requirement): CompiledStage['matches'] {
  const find = findOf(key);
  const wanted: ReadonlySet<string> = new Set(values);
  const hasWanted = (object: JsonValue): boolean =>
    find(object).some((value) => typeof value !== 'object' && wanted.has(String(value)));
  switch (operator) {
    case 'In':
      return hasWanted;
    case 'NotIn':
      return (object) => !hasWanted(object);
    case 'Exists':
      return (object) => find(object).length > 0;
    case 'DoesNotExist':
      return (object) => find(object).length === 0;
    default:
      throw new Unsupported(`the operator ${JSON.stringify(operator)} is not supported`);
  }
}

function sourceOf(constant: number | undefined, from: ValueFrom | undefined): Source {
  if (from?.cel !== undefined) throw new Unsupported('values from expressions in CEL are not supported');
  const text = from?.expressionFrom ?? from?.jq?.expression;
  return { constant, find: text === undefined ? undefined : findOf(text) };
}

function findOf(text: string): Find {
  const parsed = parsePath(text);
  if (!parsed.ok) throw new Unsupported(parsed.problem);
  return parsed.find;
}

/** Events first, then finalizers, deletion, patches; as kwok plays `next`. */
function stepsOf({ next, steps }: Stage['spec']): readonly StageStep[] {
  if (steps !== undefined && steps.length > 0) return steps;
  if (next === undefined) return [];
  const { event, finalizers, statusTemplate = '', statusSubresource = 'status', patches = [] } = next;
  return [
    ...(event === undefined ? [] : [{ event }]),
    ...(finalizers === undefined ? [] : [{ finalizers }]),
    ...(next.delete === true ? [{ delete: true }] : []),
    ...(statusTemplate === ''
      ? []
      : [{ patch: { subresource: statusSubresource, root: 'status', template: statusTemplate } }]),
    ...patches.map((patch) => ({ patch })),
  ];
}

function compileStep(step: StageStep, functions: readonly string[]): readonly CompiledStep[] {
  refuseUnknown('step', step);
  refuseUnknown('patch', step.patch);
  const { event, finalizers, patch } = step;
  const compiled: CompiledStep[] = [];
  if (event !== undefined) {
    compiled.push({ type: 'event', event, message: compileTemplate(event.message ?? '', functions) });
  }
  if (finalizers !== undefined) compiled.push({ type: 'finalizers', finalizers });
  if (step.delete === true) compiled.push({ type: 'delete' });
  if (patch === undefined) return compiled;
  const { subresource = '', root = '', template = '', type = 'strategic' } = patch;
  if (subresource !== '' && subresource !== 'status') {
    throw new Unsupported(`patches of the subresource ${JSON.stringify(subresource)} are not supported`);
  }
  if (type !== 'strategic' && type !== 'merge' && type !== 'json') {
    throw new Unsupported(`patches of the type ${JSON.stringify(type)} are not supported`);
  }
  return [
    ...compiled,
    {
      type: 'patch',
      form: type,
      subresource: subresource === '' ? undefined : subresource,
      root,
      template: compileTemplate(template, functions),
    },
  ];
}
