/**
 * Inference of type parameters: a substitution that grows while an expression is checked, with an undo log so
 * that a trial of an overload that does not fit leaves no trace. The rules of assignability are cel-go's, since
 * they decide which expressions a cluster accepts.
 */

import {
  type CelType,
  DYN,
  isSameType,
  listOf,
  mapOf,
  opaque,
  parametersOf,
  typeName,
  typeOfType,
} from './type.ts';

export class Substitution {
  readonly #bound = new Map<string, CelType>();
  readonly #undo: (readonly [string, CelType | undefined])[] = [];

  get(name: string): CelType | undefined {
    return this.#bound.get(name);
  }

  set(name: string, type: CelType): void {
    this.#undo.push([name, this.#bound.get(name)]);
    this.#bound.set(name, type);
  }

  /** What `attempt` bound stays only when it answers true. */
  try(attempt: () => boolean): boolean {
    const mark = this.#undo.length;
    if (attempt()) return true;
    while (this.#undo.length > mark) {
      const [name, before] = this.#undo.pop() ?? ['', undefined];
      if (before === undefined) this.#bound.delete(name);
      else this.#bound.set(name, before);
    }
    return false;
  }
}

export function isAssignable(bound: Substitution, to: CelType, from: CelType): boolean {
  return bound.try(() => unify(bound, to, from));
}

export function areAssignable(
  bound: Substitution,
  to: readonly CelType[],
  from: readonly CelType[],
): boolean {
  return bound.try(() => unifyAll(bound, to, from));
}

function unifyAll(bound: Substitution, to: readonly CelType[], from: readonly CelType[]): boolean {
  return to.length === from.length && to.every((type, i) => unify(bound, type, from[i] ?? DYN));
}

function unify(bound: Substitution, a: CelType, b: CelType): boolean {
  if (b.kind === 'parameter') {
    const outcome = bind(bound, a, b);
    if (outcome === 'bound') return true;
    if (outcome === 'conflict') return false;
  }
  if (a.kind === 'parameter') return bind(bound, b, a) === 'bound';
  if (isWild(a) || isWild(b)) return true;
  if (a.kind === 'null') return isNullable(b);
  if (b.kind === 'null') return isNullable(a);
  if (a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (typeName(a) !== typeName(b)) return false;
  return unifyAll(bound, parametersOf(a), parametersOf(b));
}

/** Tries to let `parameter` stand for `type`: `conflict` when it already stands for something else. */
function bind(
  bound: Substitution,
  type: CelType,
  parameter: CelType & { kind: 'parameter' },
): 'bound' | 'conflict' | 'circular' {
  if (type.kind === 'parameter' && type.name === parameter.name) return 'bound';
  const known = bound.get(parameter.name);
  if (known === undefined) {
    if (occursIn(bound, parameter.name, type)) return 'circular';
    bound.set(parameter.name, type);
    return 'bound';
  }
  if (isSameType(type, known)) return 'bound';
  if (!unify(bound, type, known)) return 'conflict';
  const general = moreGeneral(type, known);
  if (!occursIn(bound, parameter.name, general)) bound.set(parameter.name, general);
  return 'bound';
}

function occursIn(bound: Substitution, name: string, type: CelType): boolean {
  if (type.kind === 'parameter') {
    if (type.name === name) return true;
    const known = bound.get(type.name);
    return known !== undefined && occursIn(bound, name, known);
  }
  return parametersOf(type).some((inner) => occursIn(bound, name, inner));
}

export function isWild(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'error';
}

function isNullable({ kind }: CelType): boolean {
  return (
    kind === 'null' || kind === 'opaque' || kind === 'object' || kind === 'duration' || kind === 'timestamp'
  );
}

/** Of two types that unify, the one that says less. */
export function moreGeneral(a: CelType, b: CelType): CelType {
  return saysNoMore(a, b) ? a : b;
}

function saysNoMore(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'parameter') return true;
  if (b.kind === 'dyn' || b.kind === 'parameter') return false;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (typeName(a) !== typeName(b)) return false;
  const left = parametersOf(a);
  const right = parametersOf(b);
  return left.length === right.length && left.every((p, i) => saysNoMore(p, right[i] ?? DYN));
}

/** Replaces what is known of type parameters; with `final`, what stayed unknown becomes dyn. */
export function substitute(bound: Substitution, type: CelType, final: boolean): CelType {
  switch (type.kind) {
    case 'parameter': {
      const known = bound.get(type.name);
      if (known !== undefined) return substitute(bound, known, final);
      return final ? DYN : type;
    }
    case 'list': {
      const items = substitute(bound, type.items, final);
      return items === type.items ? type : listOf(items);
    }
    case 'map': {
      const keys = substitute(bound, type.keys, final);
      const values = substitute(bound, type.values, final);
      return keys === type.keys && values === type.values ? type : mapOf(keys, values);
    }
    case 'type':
      return type.of === undefined ? type : typeOfType(substitute(bound, type.of, final));
    case 'opaque':
      if (type.parameters.length === 0) return type;
      return opaque(type.name, ...type.parameters.map((inner) => substitute(bound, inner, final)));
    default:
      return type;
  }
}
