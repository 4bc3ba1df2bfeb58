/**
 * YAML as kubectl and the API server read it: YAML 1.1 booleans and numbers without its base-60 and dates.
 * The parser is `js-yaml`, imported when the first text comes; the scalar rules are ours and were compared
 * with the real kubectl.
 *
 * Input: text of one or several documents. Output: JSON values. Aliases are bounded, since a few lines of
 * them can stand for gigabytes.
 */

import type * as JsYaml from 'js-yaml';
import type { JsonObject, JsonValue } from '../schema/schema.ts';

const DEPTH_MAX = 100;
const ALIASES_MAX = 1_000;
/** Every further repeated key is found by reading the text once more. */
const REPEATS_MAX = 20;
const REPEATS_TEXT_MAX = 64 * 1024;

export type ParsedYaml =
  | {
      readonly ok: true;
      readonly documents: readonly JsonValue[];
      /** Keys that stand twice in a map, whose last value counts: `line 7: key "a" already set in map`. */
      readonly repeatedKeys?: readonly string[];
    }
  | { readonly ok: false; readonly error: string };

interface Reader {
  readonly library: typeof JsYaml;
  readonly schema: JsYaml.Schema;
}

let reader: Promise<Reader> | undefined;

/** Every document of the text; empty ones are left out. */
export async function parseYaml(text: string): Promise<ParsedYaml> {
  reader ??= import('js-yaml').then((library) => ({ library, schema: kubernetesSchema(library) }));
  const { library, schema } = await reader;
  const read = (source: string, repeats: boolean): readonly JsonValue[] =>
    library
      .loadAll(source, { schema, maxDepth: DEPTH_MAX, maxAliases: ALIASES_MAX, json: repeats })
      .filter((document) => document !== null && document !== undefined) as JsonValue[];
  try {
    try {
      return { ok: true, documents: read(text, false) };
    } catch (error) {
      const first = repeatedKey(library, text, error);
      if (first === undefined) throw error;
      const documents = read(text, true);
      const strictly = (source: string): unknown => read(source, false);
      return { ok: true, documents, repeatedKeys: repeatedKeys(library, text, first, strictly) };
    }
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { ok: false, error: `error converting YAML to JSON: yaml: ${why}` };
  }
}

interface RepeatedKey {
  readonly said: string;
  /** Where the key begins, behind its quote if it has one. */
  readonly position: number;
}

/** All of them: each that is found gets another name, until the text reads strictly. */
function repeatedKeys(
  library: typeof JsYaml,
  text: string,
  first: RepeatedKey,
  read: (source: string) => unknown,
): readonly string[] {
  const found: string[] = [];
  let source = text;
  for (let next: RepeatedKey | undefined = first; next !== undefined;) {
    found.push(next.said);
    if (found.length >= REPEATS_MAX || text.length > REPEATS_TEXT_MAX) break;
    const { position } = next;
    source = `${source.slice(0, position)}repeated-${found.length}-${source.slice(position)}`;
    next = undefined;
    try {
      read(source);
    } catch (error) {
      next = repeatedKey(library, source, error);
    }
  }
  return found;
}

/** In the words of the parser that clients in Go have. */
function repeatedKey(library: typeof JsYaml, text: string, error: unknown): RepeatedKey | undefined {
  if (!(error instanceof library.YAMLException) || error.reason !== 'duplicated mapping key')
    return undefined;
  const { line = 0, column = 0 } = error.mark ?? {};
  const lines = text.split('\n');
  const whole = lines[line] ?? '';
  // The mark of a quoted key stands behind its quote.
  const quote = /["']/.exec(whole.charAt(column - 1))?.[0] ?? ':';
  const [key = ''] = whole.slice(column).split(quote);
  const position = lines.slice(0, line).reduce((sum, before) => sum + before.length + 1, column);
  return { said: `line ${line + 1}: key ${JSON.stringify(key.trim())} already set in map`, position };
}

const TRUE = /^(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE)$/;
const FALSE = /^(?:n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/;
const DECIMAL = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const FLOAT = /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?$/;

function integer(source: string): number | undefined {
  const text = source.replaceAll('_', '');
  if (DECIMAL.test(source)) return Number(text);
  const match = /^([-+]?)0(x[0-9a-fA-F]+|b[01]+|o?[0-7]+)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = ''] = match;
  const value = /^[xbo]/.test(digits) ? Number(`0${digits}`) : Number.parseInt(digits, 8);
  return sign === '-' ? -value : value;
}

function kubernetesSchema(library: typeof JsYaml): JsYaml.Schema {
  const { defineScalarTag, NOT_RESOLVED, FAILSAFE_SCHEMA, mergeTag, nullYaml11Tag, binaryTag } = library;
  const never = (): boolean => false;
  const bool = defineScalarTag('tag:yaml.org,2002:bool', {
    implicit: true,
    resolve: (source) => (TRUE.test(source) ? true : FALSE.test(source) ? false : NOT_RESOLVED),
    identify: never,
  });
  const int = defineScalarTag('tag:yaml.org,2002:int', {
    implicit: true,
    resolve: (source) => integer(source) ?? NOT_RESOLVED,
    identify: never,
  });
  const float = defineScalarTag('tag:yaml.org,2002:float', {
    implicit: true,
    resolve: (source) =>
      /\d/.test(source) && FLOAT.test(source) ? Number(source.replaceAll('_', '')) : NOT_RESOLVED,
    identify: never,
  });
  return FAILSAFE_SCHEMA.withTags(nullYaml11Tag, bool, int, float, mergeTag, binaryTag);
}

/** A document as YAML, for clients that ask for it. */
export async function renderYaml(value: JsonObject): Promise<string> {
  return (await yamlRenderer())(value);
}

/** For those who cannot wait for each. */
export async function yamlRenderer(): Promise<(value: JsonValue) => string> {
  const library = await import('js-yaml');
  return (value) => library.dump(value, { schema: library.YAML11_SCHEMA, lineWidth: -1, noRefs: true });
}
