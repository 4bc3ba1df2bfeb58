/**
 * Paths into a schema, as `fieldPath` of rules and selectable fields write them: `.spec.replicas`, or with
 * `allowsBrackets` also `['a.b']` for names with dots and for keys of maps.
 */

import { ROOT_PATH, type FieldPath } from '../field/field-error.ts';
import { additionalOf, propertyOf, type JsonSchema } from './structural.ts';

export type FoundField =
  | { readonly ok: true; readonly path: FieldPath; readonly first: string; readonly schema: JsonSchema }
  | { readonly ok: false; readonly problem: string };

const END = 'unexpected end of JSON path';
const NOWHERE = 'does not refer to a valid field';

export function findField(text: string, root: JsonSchema, allowsBrackets = true): FoundField {
  const tokens = tokensOf(text);
  let schema = root;
  let path = ROOT_PATH;
  let first: string | undefined;
  const fail = (problem: string): FoundField => ({ ok: false, problem });
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? '';
    let name: string | undefined;
    if (token === '.') {
      name = tokens[++i];
      if (name === undefined) return fail(END);
    } else if (token === '[') {
      if (!allowsBrackets) return fail('array notation is not allowed');
      const quoted = tokens[++i];
      if (quoted === undefined) return fail(END);
      if (!/^'.*'$/s.test(quoted) || quoted.length < 2) {
        return fail(`expected single quoted string but got ${quoted}`);
      }
      const unescaped = unescape(quoted.slice(1, -1));
      if ('problem' in unescaped) return fail(`invalid string literal: ${unescaped.problem}`);
      name = unescaped.text;
    } else return fail(`expected [ or . but got: ${token}`);
    const below = step(schema, name);
    if (below === undefined) return fail(NOWHERE);
    if (token === '[') {
      const close = tokens[++i];
      if (close === undefined) return fail(END);
      if (close !== ']') return fail(`expected ] but got ${close}`);
    }
    path = below.isNamed ? path.child(name) : path.key(name);
    first ??= name;
    schema = below.schema;
  }
  return { ok: true, path, first: first ?? '', schema };
}

function step(schema: JsonSchema, name: string): { schema: JsonSchema; isNamed: boolean } | undefined {
  if (schema.properties !== undefined && Object.keys(schema.properties).length > 0) {
    const property = propertyOf(schema, name);
    return property === undefined ? undefined : { schema: property, isNamed: true };
  }
  const additional = additionalOf(schema);
  return additional === undefined || additional === true ? undefined : { schema: additional, isNamed: false };
}

/** Delimiters are tokens of one character; a quoted text is one token, whatever is in it. */
function tokensOf(text: string): readonly string[] {
  return text.match(/'(?:\\.|[^'\\])*'|[.[\]]|[^.[\]]+/gs) ?? [];
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

function unescape(text: string): { readonly text: string } | { readonly problem: string } {
  let bad: string | undefined;
  const plain = text.replace(/\\./gs, (escape) => {
    const char = ESCAPES[escape[1] ?? ''];
    if (char === undefined) bad ??= escape;
    return char ?? '';
  });
  return bad === undefined ? { text: plain } : { problem: `invalid escape char ${bad}` };
}
