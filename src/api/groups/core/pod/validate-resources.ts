/** Rules for requests and limits. */

import { forbidden, invalid, required, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import { laterRule } from '../../../field/later-rule.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { compareQuantities, parseQuantity, quantityOf } from '../../../quantity/quantity.ts';
import type { ResourceRequirements } from '../../../types.gen.ts';

const STANDARD: readonly string[] = ['cpu', 'memory', 'ephemeral-storage', 'storage'];
const HUGE_PAGES = 'hugepages-';
const INTEGER = 1_000_000_000n;

export function validateResources(
  path: FieldPath,
  { limits = {}, requests = {} }: ResourceRequirements,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, list] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, text] of Object.entries(list)) {
      const at = path.child(field).key(name);
      errors.push(...validateAmount(at, name, text), ...validateHugePages(at, name, text));
    }
  }
  for (const [name, text] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit === undefined) {
      if (!isOvercommitable(name)) {
        errors.push(required(path.child('limits'), 'Limit must be set for non overcommitable resources'));
      }
      continue;
    }
    const order = compareQuantities(quantityOf(text), quantityOf(limit));
    const at = path.child('requests');
    if (order > 0) {
      errors.push(invalid(at, text, `must be less than or equal to ${name} limit of ${limit}`));
    } else if (order < 0 && !isOvercommitable(name)) {
      errors.push(invalid(at, text, `must be equal to ${name} limit of ${limit}`));
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbidden(path, 'HugePages require cpu or memory'));
  }
  return errors;
}

function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES);
}

/** Memory in huge pages comes in whole ones; their size is in the name (`hugepages-2Mi`). */
function validateHugePages(path: FieldPath, name: string, text: string): FieldError[] {
  if (!isHugePages(name)) return [];
  const size = parseQuantity(name.slice(HUGE_PAGES.length));
  const { nanos } = quantityOf(text);
  const isWhole = typeof size !== 'string' && size.nanos > 0n && size.nanos % INTEGER === 0n;
  if (isWhole && wholeUnits(nanos) % (size.nanos / INTEGER) === 0n) return [];
  return laterRule('whole huge pages', [
    invalid(path, text, `${text} is not positive integer multiple of ${name}`),
  ]);
}

/** A part of a unit counts as one. */
function wholeUnits(nanos: bigint): bigint {
  return (nanos + INTEGER - 1n) / INTEGER;
}

/** Whether more of it may be promised than there is: true of what the kernel can take away again. */
function isOvercommitable(name: string): boolean {
  return STANDARD.includes(name);
}

function validateAmount(path: FieldPath, name: string, text: string): FieldError[] {
  const { nanos } = quantityOf(text);
  if (nanos >= 0n && STANDARD.includes(name)) return [];
  const problem = labelKeyProblem(name);
  if (problem !== undefined) return [invalid(path, name, problem)];
  if (!name.includes('/') && !STANDARD.includes(name) && !isHugePages(name)) {
    return [invalid(path, name, 'must be a standard resource for containers')];
  }
  if (nanos < 0n) return [invalid(path, text, 'must be greater than or equal to 0')];
  const isInteger = nanos % INTEGER === 0n;
  return name.includes('/') && !isInteger ? [invalid(path, text, 'must be an integer')] : [];
}
