/**
 * Where Stages look for values: the part of jq that kwok's own Stages are written in. Pure.
 *
 *   .status.phase   .metadata.annotations["x.io/delay"]   .metadata.ownerReferences.[].kind
 *   .status.conditions.[] | select( .type == "Ready" ) | .status
 *
 * Nulls are no values, and neither is what lies below one.
 */

import type { JsonValue } from '../../api/schema/schema.ts';

export type PathOutcome =
  | { readonly ok: true; readonly find: (root: JsonValue) => readonly JsonValue[] }
  | { readonly ok: false; readonly problem: string };

type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'each' }
  | {
      readonly type: 'select';
      readonly path: readonly Step[];
      readonly equal: boolean;
      readonly to: JsonValue;
    };

const TOKEN = /\s*(?:(\.?\["((?:[^"\\]|\\.)*)"\])|(\.?\[\])|\.([A-Za-z_]\w*)|(\.)(?![A-Za-z_[]))/y;
const SELECT = /^select\s*\(\s*(.+?)\s*(==|!=)\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)\s*\)$/;

export function parsePath(text: string): PathOutcome {
  const steps: Step[] = [];
  for (const part of splitPipes(text)) {
    const parsed = parsePart(part.trim());
    if (parsed === undefined)
      return { ok: false, problem: `the expression ${JSON.stringify(text)} is not supported` };
    steps.push(...parsed);
  }
  return { ok: true, find: (root) => walk(steps, [root]) };
}

/** At bars that stand in no text. */
function splitPipes(text: string): readonly string[] {
  const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|[^|"])+/g);
  return parts ?? [''];
}

function parsePart(part: string): readonly Step[] | undefined {
  const select = SELECT.exec(part);
  if (select === null) return parseSteps(part);
  const [, inner = '', operator, literal = ''] = select;
  const path = parseSteps(inner);
  return path && [{ type: 'select', path, equal: operator === '==', to: JSON.parse(literal) as JsonValue }];
}

function parseSteps(part: string): readonly Step[] | undefined {
  if (!part.startsWith('.')) return undefined;
  const steps: Step[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < part.length) {
    const match = TOKEN.exec(part);
    if (match === null) return undefined;
    const [, quoted, key = '', each, field] = match;
    if (quoted !== undefined) steps.push({ type: 'field', name: JSON.parse(`"${key}"`) as string });
    else if (each !== undefined) steps.push({ type: 'each' });
    else if (field !== undefined) steps.push({ type: 'field', name: field });
  }
  return steps;
}

function walk(steps: readonly Step[], values: readonly JsonValue[]): readonly JsonValue[] {
  let current = values;
  for (const step of steps) current = current.flatMap((value) => follow(step, value));
  return current.filter((value) => value !== null);
}

function follow(step: Step, value: JsonValue): readonly JsonValue[] {
  switch (step.type) {
    case 'field': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
      const found = (value as { readonly [name: string]: JsonValue | undefined })[step.name];
      return found === undefined ? [] : [found];
    }
    case 'each':
      if (typeof value !== 'object' || value === null) return [];
      return Object.values(value as { readonly [name: string]: JsonValue });
    case 'select': {
      const [found = null] = walk(step.path, [value]);
      return (found === step.to) === step.equal ? [value] : [];
    }
  }
}
