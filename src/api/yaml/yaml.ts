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

export type ParsedYaml =
  | { readonly ok: true; readonly documents: readonly JsonValue[] }
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
  try {
    const options = { schema, maxDepth: DEPTH_MAX, maxAliases: ALIASES_MAX };
    const documents = library
      .loadAll(text, options)
      .filter((document) => document !== null && document !== undefined);
    return { ok: true, documents: documents as JsonValue[] };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { ok: false, error: `error converting YAML to JSON: yaml: ${why}` };
  }
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
  const library = await import('js-yaml');
  return library.dump(value, { schema: library.YAML11_SCHEMA, lineWidth: -1, noRefs: true });
}
