/**
 * The schema notation: every kind, message and field of the served API versions, written once.
 *
 *     group apps
 *     version v1
 *     protobuf k8s.io.api.apps.v1
 *     openapi io.k8s.api.apps.v1
 *
 *     kind Deployment
 *       metadata 1 meta/v1.ObjectMeta
 *       spec     2 DeploymentSpec      always
 *     message DeploymentSpec
 *       replicas 1 int32?              default=1 min=0
 *       selector 2 meta/v1.LabelSelector? required immutable
 *     message RoleRef atomic
 *     message ExtraValue wraps []string
 *
 * A field line is: JSON name, protobuf number, type, modifiers.
 * - Types: a scalar, `Message` of the same file, `group/version.Message` of another (`core/v1.Container`),
 *   `[]T`, `{}T` (map from string), `T?` where absent and zero differ.
 * - Modifiers: `required`, `always` (printed even when empty), `inline`, `immutable`, `list=map(a,b)`,
 *   `list=set`, `list=atomic`, `map=atomic`, `map=granular`, `patch=merge(key)`, `patch=retainKeys`,
 *   `patch=merge,retainKeys(key)`, `patch=replace`, `default=JSON`, `enum=a|b`, `min=`, `max=`,
 *   `minLength=`, `maxLength=`.
 *   A `required` string must not be empty, unless `minLength=0` says that it may, or that the kind judges it
 *   with words of its own.
 *
 * Input: texts. Output: `GroupVersionSchema`s whose references are resolved. Malformed text is a bug: assert.
 */

import { assert, present } from '../../base/assert.ts';
import type {
  Field,
  FieldType,
  GroupVersionSchema,
  JsonValue,
  ListKind,
  MessageSchema,
  PatchStrategy,
  ScalarType,
} from './schema.ts';

const SCALARS: ReadonlySet<string> = new Set<ScalarType>([
  'string', 'bool', 'int32', 'int64', 'double', 'bytes', 'time', 'microTime', 'duration', 'quantity',
  'intOrString', 'rawExtension', 'fieldsV1', 'json', 'schemaOrBool', 'schemaOrArray', 'schemaOrStringArray',
]); // prettier-ignore

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface OpenMessage extends Mutable<Omit<MessageSchema, 'fields' | 'byName' | 'byNumber'>> {
  fields: Field[];
  byName: Map<string, Field>;
  byNumber: Map<number, Field>;
  lines: string[];
}
interface OpenGroupVersion extends Mutable<Omit<GroupVersionSchema, 'messages'>> {
  messages: Map<string, OpenMessage>;
}

/**
 * Parses the texts together; keys of the result are `apps/v1`, `core/v1` (the core group is named so here).
 */
export function parseNotation(texts: readonly string[]): ReadonlyMap<string, GroupVersionSchema> {
  const all = new Map<string, OpenGroupVersion>();
  for (const text of texts) {
    const groupVersion = readMessages(text);
    all.set(notationKey(groupVersion.protobufPackage), groupVersion);
  }
  for (const groupVersion of all.values()) {
    for (const message of groupVersion.messages.values()) readFields(message, groupVersion, all);
  }
  for (const groupVersion of all.values()) {
    for (const message of groupVersion.messages.values()) indexFields(message, message.fields);
  }
  return all;
}

/** `k8s.io.api.apps.v1` is referred to as `apps/v1`. */
function notationKey(protobufPackage: string): string {
  const parts = protobufPackage.split('.');
  return `${present(parts.at(-2), 'group')}/${present(parts.at(-1), 'version')}`;
}

function readMessages(text: string): OpenGroupVersion {
  const head = new Map<string, string>();
  const messages = new Map<string, OpenMessage>();
  const groupVersion: OpenGroupVersion = {
    group: '',
    version: '',
    protobufPackage: '',
    openapiPrefix: '',
    messages,
  };
  let current: OpenMessage | undefined;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (line.startsWith(' ')) {
      present(current, `message before field line '${line}'`).lines.push(line);
      continue;
    }
    const [word = '', name = '', ...rest] = line.split(/\s+/);
    if (word === 'kind' || word === 'message') {
      current = {
        name: `${head.get('openapi') ?? ''}.${name}`,
        shortName: name,
        groupVersion,
        isKind: word === 'kind',
        atomic: rest[0] === 'atomic',
        fields: [],
        byName: new Map(),
        byNumber: new Map(),
        wraps: undefined,
        lines: rest[0] === 'wraps' ? [`wraps ${rest[1] ?? ''}`] : [],
      };
      assert(!messages.has(name), `message ${name} stands twice`);
      messages.set(name, current);
    } else head.set(word, name === '""' ? '' : name);
  }
  groupVersion.group = present(head.get('group'), 'group line');
  groupVersion.version = present(head.get('version'), 'version line');
  groupVersion.protobufPackage = present(head.get('protobuf'), 'protobuf line');
  groupVersion.openapiPrefix = present(head.get('openapi'), 'openapi line');
  return groupVersion;
}

function readFields(message: OpenMessage, home: OpenGroupVersion, all: Map<string, OpenGroupVersion>): void {
  const resolve = (reference: string): FieldType => resolveType(reference, home, all);
  for (const line of message.lines) {
    if (line.startsWith('wraps ')) {
      message.wraps = resolve(line.slice('wraps '.length));
      continue;
    }
    const [name = '', number = '', type = '', ...modifiers] = line.trim().split(/\s+/);
    message.fields.push(readField(name, Number(number), type, modifiers, resolve));
  }
}

function resolveType(
  reference: string,
  home: OpenGroupVersion,
  all: Map<string, OpenGroupVersion>,
): FieldType {
  if (reference.startsWith('[]')) return { form: 'list', items: resolveType(reference.slice(2), home, all) };
  if (reference.startsWith('{}')) return { form: 'map', values: resolveType(reference.slice(2), home, all) };
  if (SCALARS.has(reference)) return { form: 'scalar', scalar: reference as ScalarType };
  const dot = reference.lastIndexOf('.');
  const groupVersion =
    dot < 0 ? home : present(all.get(reference.slice(0, dot)), `group version of ${reference}`);
  const message = present(groupVersion.messages.get(reference.slice(dot + 1)), `message ${reference}`);
  return { form: 'message', message };
}

function readField(
  name: string,
  number: number,
  typeText: string,
  modifiers: readonly string[],
  resolve: (reference: string) => FieldType,
): Field {
  assert(Number.isInteger(number) && number > 0, `field ${name} needs a protobuf number`);
  const pointer = typeText.endsWith('?');
  const flags = new Set(modifiers.filter((m) => !m.includes('=')));
  const values = new Map(modifiers.filter((m) => m.includes('=')).map((m) => splitOnce(m, '=')));
  const numeric = (key: string): number | undefined => {
    const text = values.get(key);
    return text === undefined ? undefined : Number(text);
  };
  const defaultText = values.get('default');
  return {
    name,
    number,
    type: resolve(pointer ? typeText.slice(0, -1) : typeText),
    pointer,
    required: flags.has('required'),
    always: flags.has('always') || flags.has('required'),
    inline: flags.has('inline'),
    list: readListKind(values.get('list')),
    map: readMapKind(values.get('map')),
    patch: readPatchStrategy(values.get('patch')),
    default: defaultText === undefined ? undefined : (JSON.parse(defaultText) as JsonValue),
    enum: values.get('enum')?.split('|'),
    min: numeric('min'),
    max: numeric('max'),
    minLength: numeric('minLength'),
    maxLength: numeric('maxLength'),
    immutable: flags.has('immutable'),
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}

function readListKind(text: string | undefined): ListKind | undefined {
  if (text === undefined) return undefined;
  if (text === 'atomic' || text === 'set') return { kind: text };
  const keys = /^map\((.*)\)$/.exec(text)?.[1];
  return { kind: 'map', keys: present(keys, `keys of list=${text}`).split(',') };
}

function readMapKind(text: string | undefined): Field['map'] {
  assert(text === undefined || text === 'atomic' || text === 'granular', `unknown map=${text}`);
  return text;
}

function readPatchStrategy(text: string | undefined): PatchStrategy | undefined {
  if (text === undefined) return undefined;
  const key = /\((.*)\)$/.exec(text)?.[1];
  const words = text.replace(/\(.*$/, '').split(',');
  return { merge: words.includes('merge'), mergeKey: key, retainKeys: words.includes('retainKeys') };
}

function indexFields(message: OpenMessage, fields: readonly Field[]): void {
  for (const field of fields) {
    if (fields === message.fields) message.byNumber.set(field.number, field);
    if (field.inline && field.type.form === 'message') indexFields(message, field.type.message.fields);
    else message.byName.set(field.name, field);
  }
}
