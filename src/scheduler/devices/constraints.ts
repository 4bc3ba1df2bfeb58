/**
 * Constraints over the devices of one claim: one attribute the same for all, or different for each. They only
 * get harder to satisfy with every device, so a search can turn back at the first one that fails.
 */

import type { Device, DeviceAttribute, DeviceConstraint } from '../../api/types.gen.ts';
import type { PooledDevice } from './pools.ts';
import type { Alternative } from './requests.ts';

export class Constraint {
  readonly #attribute: string;
  readonly #isDistinct: boolean;
  readonly #requests: ReadonlySet<string>;
  /** Of the devices that were added, in order. */
  readonly #values: string[] = [];

  constructor({ matchAttribute, distinctAttribute, requests = [] }: DeviceConstraint) {
    this.#attribute = matchAttribute ?? distinctAttribute ?? '';
    this.#isDistinct = matchAttribute === undefined;
    this.#requests = new Set(requests);
  }

  /** False, and nothing is added, when the device does not go with the others. */
  add(device: PooledDevice, alternative: Alternative): boolean {
    if (!this.#concerns(alternative)) return true;
    const value = valueOf(device, this.#attribute);
    if (value === undefined) return false;
    const fits = this.#isDistinct
      ? !this.#values.includes(value)
      : this.#values.length === 0 || this.#values[0] === value;
    if (fits) this.#values.push(value);
    return fits;
  }

  /** The last one that was added for the alternative. */
  remove(alternative: Alternative): void {
    if (this.#concerns(alternative)) this.#values.pop();
  }

  #concerns({ name, request }: Alternative): boolean {
    return this.#requests.size === 0 || this.#requests.has(request) || this.#requests.has(name);
  }
}

/** A text that is the same for equal values of one type; undefined when the device has no such attribute. */
function valueOf({ device, driver }: PooledDevice, attribute: string): string | undefined {
  const found = attributeOf(device, driver, attribute);
  if (found === undefined) return undefined;
  const { string, int, bool, version } = found;
  if (string !== undefined) return `string ${string}`;
  if (int !== undefined) return `int ${int}`;
  if (bool !== undefined) return `bool ${bool}`;
  return version === undefined ? undefined : `version ${version}`;
}

/** A name without a domain is of the driver's. */
function attributeOf({ attributes }: Device, driver: string, name: string): DeviceAttribute | undefined {
  const qualified = attributes?.[name];
  if (qualified !== undefined) return qualified;
  return name.startsWith(`${driver}/`) ? attributes?.[name.slice(driver.length + 1)] : undefined;
}
