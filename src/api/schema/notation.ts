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
interface OpenGroupVersion extends Mutable<Omit<GroupVersionSchema, 'messages'>> {
  messages: Map<string, NotatedMessage>;
}
type ResolveType = (reference: string) => FieldType;

/**
 * Parses the texts together; keys of the result are `apps/v1`, `core/v1` (the core group is named so here).
 */
export function parseNotation(texts: readonly string[]): ReadonlyMap<string, GroupVersionSchema> {
  const all = new Map<string, OpenGroupVersion>();
  for (const text of texts) {
    const groupVersion = readMessages(text, all);
    all.set(notationKey(groupVersion.protobufPackage), groupVersion);
  }
  return all;
}

/** Its lines are read when its fields are first asked for: a server that starts needs few of its kinds. */
class NotatedMessage implements MessageSchema {
  readonly name: string;
  readonly shortName: string;
  readonly groupVersion: GroupVersionSchema;
  readonly isKind: boolean;
  readonly atomic: boolean;
  readonly #wraps: string | undefined;
  readonly #resolve: ResolveType;
  readonly #body: string;
  #content: MessageContent | undefined;

  constructor(
    [word = '', shortName = '', modifier, wrapped]: readonly string[],
    body: string,
    groupVersion: GroupVersionSchema,
    openapiPrefix: string,
    resolve: ResolveType,
  ) {
    this.name = `${openapiPrefix}.${shortName}`;
    this.shortName = shortName;
    this.groupVersion = groupVersion;
    this.isKind = word === 'kind';
    this.atomic = modifier === 'atomic';
    this.#wraps = modifier === 'wraps' ? wrapped : undefined;
    this.#body = body;
    this.#resolve = resolve;
  }

  get fields(): readonly Field[] {
    return this.#read().fields;
  }

  get byName(): ReadonlyMap<string, Field> {
    return this.#read().byName;
  }

  get byNumber(): ReadonlyMap<number, Field> {
    return this.#read().byNumber;
  }

  get wraps(): FieldType | undefined {
    return this.#read().wraps;
  }

  #read(): MessageContent {
    return (this.#content ??= readContent(this.#body, this.#wraps, this.#resolve));
  }
}

type MessageContent = Pick<MessageSchema, 'fields' | 'byName' | 'byNumber' | 'wraps'>;

function readContent(body: string, wraps: string | undefined, resolve: ResolveType): MessageContent {
  const fields = fieldLines(body).map((line) => readField(line, resolve));
  return {
    fields,
    byName: new Map(flattened(fields).map((field) => [field.name, field])),
    byNumber: new Map(fields.map((field) => [field.number, field])),
    wraps: wraps === undefined ? undefined : resolve(wraps),
  };
}

function flattened(fields: readonly Field[]): readonly Field[] {
  return fields.flatMap((field) =>
    field.inline && field.type.form === 'message' ? flattened(field.type.message.fields) : [field],
  );
}

/** `k8s.io.api.apps.v1` is referred to as `apps/v1`. */
function notationKey(protobufPackage: string): string {
  const parts = protobufPackage.split('.');
  return `${present(parts.at(-2), 'group')}/${present(parts.at(-1), 'version')}`;
}

function readMessages(text: string, all: ReadonlyMap<string, OpenGroupVersion>): OpenGroupVersion {
  const head = new Map<string, string>();
  const messages = new Map<string, NotatedMessage>();
  const groupVersion: OpenGroupVersion = {
    group: '',
    version: '',
    protobufPackage: '',
    openapiPrefix: '',
    messages,
  };
  const resolve: ResolveType = (reference) => resolveType(reference, groupVersion, all);
  for (const { line, body } of sections(text)) {
    const words = line.split(/\s+/);
    const [word = '', name = ''] = words;
    if (word === 'kind' || word === 'message') {
      assert(!messages.has(name), `message ${name} stands twice`);
      messages.set(name, new NotatedMessage(words, body, groupVersion, head.get('openapi') ?? '', resolve));
    } else {
      head.set(word, name === '""' ? '' : name);
      assertNoFields(body);
    }
  }
  groupVersion.group = present(head.get('group'), 'group line');
  groupVersion.version = present(head.get('version'), 'version line');
  groupVersion.protobufPackage = present(head.get('protobuf'), 'protobuf line');
  groupVersion.openapiPrefix = present(head.get('openapi'), 'openapi line');
  return groupVersion;
}

/** Lines that are not indented, each with the text up to the next; without looking at what is indented. */
function* sections(text: string): Generator<{ readonly line: string; readonly body: string }> {
  const starts = [...text.matchAll(/^[^\s#].*$/gm)];
  assertNoFields(text.slice(0, starts[0]?.index));
  for (const [i, { 0: line, index }] of starts.entries())
    yield { line, body: text.slice(index + line.length, starts[i + 1]?.index) };
}

function assertNoFields(text: string): void {
  assert(fieldLines(text).length === 0, `a field line needs a message before it: '${text}'`);
}

function fieldLines(body: string): readonly string[] {
  return body.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

function resolveType(
  reference: string,
  home: OpenGroupVersion,
  all: ReadonlyMap<string, OpenGroupVersion>,
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

function readField(line: string, resolve: ResolveType): Field {
  const [name = '', numberText = '', typeText = '', ...modifiers] = line.trim().split(/\s+/);
  const number = Number(numberText);
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
