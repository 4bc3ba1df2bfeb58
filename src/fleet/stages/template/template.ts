/**
 * Go templates with the functions of kwok. `compileTemplate` reads one, `render` fills it in. Pure but for
 * the functions that are given; both throw `TemplateError`, which says what is not supported or went wrong.
 *
 * Example: `{{ range .spec.containers }}- {{ .name | Quote }}\n{{ end }}` → `- "web"\n`
 */

import type { JsonValue } from '../../../api/schema/schema.ts';
import { FUNCTIONS, isTrue, printed, type Call, type Value } from './functions.ts';
import { TemplateError } from './lexer.ts';
import { parseTemplate, type Node, type Operand, type Pipeline, type Template } from './parser.ts';

export type Functions = { readonly [name: string]: Call };

/** `names`: of the functions that `render` will be given. */
export function compileTemplate(text: string, names: readonly string[]): Template {
  const known = new Set([...Object.keys(FUNCTIONS), ...names, 'and', 'or']);
  return parseTemplate(text, (name) => known.has(name));
}

export function render(template: Template, data: JsonValue, functions: Functions): string {
  const run = new Run(template, { ...FUNCTIONS, ...functions });
  run.call(template.body, data);
  return run.output;
}

/** Calls within calls that never end. */
const DEPTH_MAX = 100;

type Flow = 'go on' | 'break' | 'continue';

class Run {
  output = '';
  readonly #template: Template;
  readonly #functions: Functions;
  #variables: { readonly name: string; value: Value }[] = [];
  #depth = 0;

  constructor(template: Template, functions: Functions) {
    this.#template = template;
    this.#functions = functions;
  }

  /** A template of its own: `$` is its data, and it sees no other variables. */
  call(body: readonly Node[], data: Value): void {
    if (++this.#depth > DEPTH_MAX) throw new TemplateError('templates call each other without an end');
    const outer = this.#variables;
    this.#variables = [{ name: '$', value: data }];
    this.#block(body, data);
    this.#variables = outer;
    this.#depth--;
  }

  #block(nodes: readonly Node[], dot: Value): Flow {
    const before = this.#variables.length;
    try {
      for (const node of nodes) {
        const flow = this.#node(node, dot);
        if (flow !== 'go on') return flow;
      }
      return 'go on';
    } finally {
      this.#variables.length = before;
    }
  }

  #node(node: Node, dot: Value): Flow {
    switch (node.type) {
      case 'text':
        this.output += node.text;
        return 'go on';
      case 'pipeline': {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.output += printed(value);
        return 'go on';
      }
      case 'template': {
        const body = this.#template.defined.get(node.name);
        if (body === undefined) throw new TemplateError(`there is no template ${JSON.stringify(node.name)}`);
        this.call(body, node.pipeline === undefined ? undefined : this.#pipeline(node.pipeline, dot));
        return 'go on';
      }
      case 'break':
      case 'continue':
        return node.type;
      case 'range':
        return this.#range(node, dot);
      case 'if':
      case 'with':
        return this.#branch(node, dot);
    }
  }

  #branch(node: Extract<Node, { type: 'if' | 'with' | 'range' }>, dot: Value): Flow {
    const before = this.#variables.length;
    const value = this.#pipeline(node.pipeline, dot);
    const inner = node.type === 'with' ? value : dot;
    const flow = isTrue(value) ? this.#block(node.body, inner) : this.#block(node.otherwise, dot);
    this.#variables.length = before;
    return flow;
  }

  #range(node: Extract<Node, { type: 'if' | 'with' | 'range' }>, dot: Value): Flow {
    const { variables, declares, ...rest } = node.pipeline;
    const value = this.#pipeline({ ...rest, variables: [], declares: false }, dot);
    const entries = entriesOf(value);
    if (entries.length === 0) return this.#block(node.otherwise, dot);
    for (const [key, item] of entries) {
      const before = this.#variables.length;
      // One variable is the item, two are key and item.
      const values = variables.length === 1 ? [item] : [key, item];
      for (const [i, name] of variables.entries()) this.#set(name, values[i], declares);
      const flow = this.#block(node.body, item);
      this.#variables.length = before;
      if (flow === 'break') break;
    }
    return 'go on';
  }

  #pipeline({ variables, declares, commands }: Pipeline, dot: Value): Value {
    let value: Value;
    for (const [i, command] of commands.entries()) {
      value = this.#command(command, dot, i === 0 ? [] : [value]);
    }
    for (const name of variables) this.#set(name, value, declares);
    return value;
  }

  #command([first, ...args]: readonly Operand[], dot: Value, piped: readonly Value[]): Value {
    if (first?.type !== 'function') {
      if (first === undefined || args.length + piped.length > 0)
        throw new TemplateError('only functions take arguments');
      return this.#operand(first, dot);
    }
    const { name } = first;
    if (name === 'and' || name === 'or') return this.#decide(name, args, dot, piped);
    const call = this.#functions[name];
    if (call === undefined) throw new TemplateError(`the function ${JSON.stringify(name)} is not supported`);
    return call(...args.map((arg) => this.#operand(arg, dot)), ...piped);
  }

  #decide(name: 'and' | 'or', args: readonly Operand[], dot: Value, piped: readonly Value[]): Value {
    let value: Value;
    for (const arg of args) {
      value = this.#operand(arg, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.type) {
      case 'value':
        return operand.value;
      case 'function':
        return this.#command([operand], dot, []);
      case 'dot':
        return fieldsOf(dot, operand.fields);
      case 'pipeline':
        return fieldsOf(this.#pipeline(operand.pipeline, dot), operand.fields);
      case 'variable':
        return fieldsOf(this.#find(operand.name).value, operand.fields);
    }
  }

  #find(name: string): { value: Value } {
    const found = this.#variables.findLast((variable) => variable.name === name);
    if (found === undefined) throw new TemplateError(`undefined variable ${name}`);
    return found;
  }

  #set(name: string, value: Value, declares: boolean): void {
    if (declares) this.#variables.push({ name, value });
    else this.#find(name).value = value;
  }
}

function fieldsOf(value: Value, fields: readonly string[]): Value {
  let current = value;
  for (const field of fields) {
    if (current === undefined || current === null) return undefined;
    if (typeof current !== 'object' || Array.isArray(current)) {
      throw new TemplateError(
        `can't evaluate field ${field} of ${Array.isArray(current) ? 'a list' : typeof current}`,
      );
    }
    current = (current as { readonly [name: string]: JsonValue | undefined })[field];
  }
  return current;
}

function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object') throw new TemplateError(`range can't iterate over ${printed(value)}`);
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item, i) => [i, item] as const);
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
