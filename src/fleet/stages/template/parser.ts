/** Templates as trees. Pure; the grammar is that of Go's text/template/parse. */

import { piecesOf, TemplateError, type Piece, type Word } from './lexer.ts';

export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'pipeline'; readonly pipeline: Pipeline }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly type: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly type: 'break' | 'continue' };

export interface Pipeline {
  /** `$i, $item :=` */
  readonly variables: readonly string[];
  /** `:=`, not `=`. */
  readonly declares: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly type: 'value'; readonly value: string | number | boolean | undefined }
  | { readonly type: 'function'; readonly name: string }
  | ({ readonly type: 'dot' | 'variable' | 'pipeline'; readonly fields: readonly string[] } & (
      | { readonly type: 'dot' }
      | { readonly type: 'variable'; readonly name: string }
      | { readonly type: 'pipeline'; readonly pipeline: Pipeline }
    ));

export interface Template {
  readonly body: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** Throws `TemplateError`; `isFunction` says which names may be called. */
export function parseTemplate(text: string, isFunction: (name: string) => boolean): Template {
  const parser = new Parser(piecesOf(text.trim()), isFunction);
  const { nodes, end } = parser.block();
  if (end !== undefined) throw new TemplateError(`unexpected {{${end}}}`);
  return { body: nodes, defined: parser.defined };
}

interface Block {
  readonly nodes: readonly Node[];
  /** What closed it; undefined: the text was over. */
  readonly end: 'end' | 'else' | undefined;
  /** What stood behind `else`. */
  readonly words: readonly Word[];
}

class Parser {
  readonly defined = new Map<string, readonly Node[]>();
  readonly #pieces: readonly Piece[];
  readonly #isFunction: (name: string) => boolean;
  #at = 0;

  constructor(pieces: readonly Piece[], isFunction: (name: string) => boolean) {
    this.#pieces = pieces;
    this.#isFunction = isFunction;
  }

  block(): Block {
    const nodes: Node[] = [];
    for (let piece = this.#pieces[this.#at]; piece !== undefined; piece = this.#pieces[this.#at]) {
      this.#at++;
      if (piece.type === 'text') {
        nodes.push(piece);
        continue;
      }
      const [first, ...words] = piece.words;
      const keyword = first?.type === 'name' ? first.value : '';
      if (keyword === 'end' || keyword === 'else') return { nodes, end: keyword, words };
      const node = this.#node(keyword, words, piece.words);
      if (node !== undefined) nodes.push(node);
    }
    return { nodes, end: undefined, words: [] };
  }

  #node(keyword: string, words: readonly Word[], all: readonly Word[]): Node | undefined {
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(keyword, words);
      case 'break':
      case 'continue':
        return { type: keyword };
      case 'define':
        this.#define(words);
        return undefined;
      case 'template': {
        const [name, ...rest] = words;
        if (name?.type !== 'text') throw new TemplateError('{{template}} needs a name in quotes');
        const pipeline = rest.length === 0 ? undefined : this.#pipeline(rest);
        return { type: 'template', name: name.value, pipeline };
      }
      case 'block':
        throw new TemplateError('{{block}} is not supported');
      default:
        return { type: 'pipeline', pipeline: this.#pipeline(all) };
    }
  }

  #branch(type: 'if' | 'with' | 'range', words: readonly Word[]): Node {
    const pipeline = this.#pipeline(words);
    const body = this.block();
    if (body.end === 'end') return { type, pipeline, body: body.nodes, otherwise: [] };
    if (body.end === undefined) throw new TemplateError(`{{${type}}} is not closed`);
    const [next, ...rest] = body.words;
    // `else if` closes with the same `end`.
    if (next?.type === 'name' && (next.value === 'if' || next.value === 'with')) {
      return { type, pipeline, body: body.nodes, otherwise: [this.#branch(next.value, rest)] };
    }
    const otherwise = this.block();
    if (otherwise.end !== 'end') throw new TemplateError(`{{${type}}} is not closed`);
    return { type, pipeline, body: body.nodes, otherwise: otherwise.nodes };
  }

  #define([name]: readonly Word[]): void {
    const { nodes, end } = this.block();
    if (name?.type !== 'text' || end !== 'end') throw new TemplateError('{{define}} needs a name and an end');
    this.defined.set(name.value, nodes);
  }

  #pipeline(words: readonly Word[]): Pipeline {
    const at = words.findIndex(({ type, value }) => type === 'mark' && (value === ':=' || value === '='));
    const left = at < 0 ? [] : words.slice(0, at);
    const variables = left.filter(({ type }) => type === 'variable').map(({ value }) => value);
    const isOdd = left.some(({ type, value }) => type !== 'variable' && value !== ',');
    if (isOdd || (at >= 0 && variables.length === 0)) throw new TemplateError('only variables can be set');
    const reader = new Reader(words.slice(at + 1), this.#isFunction);
    const commands = reader.commands();
    return { variables, declares: words[at]?.value === ':=', commands };
  }
}

/** One pipeline's words. */
class Reader {
  readonly #words: readonly Word[];
  readonly #isFunction: (name: string) => boolean;
  #at = 0;

  constructor(words: readonly Word[], isFunction: (name: string) => boolean) {
    this.#words = words;
    this.#isFunction = isFunction;
  }

  commands(isNested = false): Pipeline['commands'] {
    const commands: Operand[][] = [[]];
    for (;;) {
      const word = this.#words[this.#at];
      if (word === undefined || (word.type === 'mark' && word.value === ')')) {
        if ((word === undefined) === isNested) throw new TemplateError('parentheses do not match');
        if (commands.some((command) => command.length === 0)) throw new TemplateError('a command is missing');
        this.#at++;
        return commands;
      }
      if (word.type === 'mark' && word.value === '|') {
        commands.push([]);
        this.#at++;
      } else commands.at(-1)?.push(this.#operand(word));
    }
  }

  #operand(word: Word): Operand {
    this.#at++;
    switch (word.type) {
      case 'text':
        return { type: 'value', value: word.value };
      case 'number':
        return { type: 'value', value: Number(word.value) };
      case 'variable':
        return { type: 'variable', name: word.value, fields: this.#fields() };
      case 'field':
        return { type: 'dot', fields: [word.value, ...this.#fields()] };
      case 'name':
        return this.#named(word.value);
      case 'mark': {
        if (word.value === '.') return { type: 'dot', fields: this.#fields() };
        if (word.value !== '(') throw new TemplateError(`unexpected ${JSON.stringify(word.value)}`);
        const commands = this.commands(true);
        const pipeline = { variables: [], declares: false, commands };
        return { type: 'pipeline', pipeline, fields: this.#fields() };
      }
    }
  }

  #named(name: string): Operand {
    if (name === 'true' || name === 'false') return { type: 'value', value: name === 'true' };
    if (name === 'nil') return { type: 'value', value: undefined };
    if (!this.#isFunction(name))
      throw new TemplateError(`the function ${JSON.stringify(name)} is not supported`);
    return { type: 'function', name };
  }

  #fields(): readonly string[] {
    const fields: string[] = [];
    for (;;) {
      const word = this.#words[this.#at];
      if (word?.type !== 'field' || !word.isAttached) return fields;
      fields.push(word.value);
      this.#at++;
    }
  }
}
