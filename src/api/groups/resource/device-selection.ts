/**
 * Whether expressions choose a device. Each expression is compiled once; a device is seen as upstream's
 * `dynamic-resource-allocation/cel` shows it: attributes and capacities by domain, where names without a domain
 * are the driver's, and a domain that the device does not have is empty.
 */

import type { Evaluation, Program } from '../../cel/cel.ts';
import { quantityFromText } from '../../cel/kubernetes/quantities.ts';
import { parseSemver } from '../../cel/kubernetes/semvers.ts';
import { formatIssues } from '../../cel/syntax/issue.ts';
import type { Binding } from '../../cel/values/json.ts';
import { mapFrom } from '../../cel/values/map.ts';
import { type CelValue, MapValue } from '../../cel/values/value.ts';
import type { Device, DeviceAttribute } from '../../types.gen.ts';
import { compileSelector, COST_MAX } from './device-selector.ts';

export type Selection = { readonly matches: boolean } | { readonly error: string };

/** One expression, and what it has said of devices: neither changes. */
interface Known {
  readonly compiled: { readonly program: Program } | { readonly error: string };
  readonly answers: ByDevice<Selection>;
}

/** Classes and claims that are in use at the same time. */
const KNOWN_MAX = 256;
/** Drivers that publish devices at the same time. */
const DRIVERS_MAX = 256;

/** Equal parts of different objects are one object (decision 0010), devices of different drivers too. */
class ByDevice<T> {
  readonly #byDriver = new Map<string, WeakMap<Device, T>>();

  get(device: Device, driver: string): T | undefined {
    return this.#byDriver.get(driver)?.get(device);
  }

  set(device: Device, driver: string, value: T): void {
    let devices = this.#byDriver.get(driver);
    if (devices === undefined) {
      if (this.#byDriver.size >= DRIVERS_MAX) this.#byDriver.clear();
      this.#byDriver.set(driver, (devices = new WeakMap()));
    }
    devices.set(device, value);
  }
}

export class DeviceSelection {
  /** The oldest first. */
  readonly #known = new Map<string, Known>();
  readonly #seen = new ByDevice<Binding>();

  matches(expression: string, device: Device, driver: string): Selection {
    const known = this.#known.get(expression) ?? this.#learn(expression);
    let answer = known.answers.get(device, driver);
    if (answer === undefined) known.answers.set(device, driver, (answer = this.#ask(known, device, driver)));
    return answer;
  }

  #learn(expression: string): Known {
    for (const [oldest] of this.#known) {
      if (this.#known.size < KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
    const outcome = compileSelector(expression);
    const compiled = outcome.ok
      ? { program: outcome.program }
      : { error: formatIssues(expression, outcome.issues) };
    const known = { compiled, answers: new ByDevice<Selection>() };
    this.#known.set(expression, known);
    return known;
  }

  #ask({ compiled }: Known, device: Device, driver: string): Selection {
    if ('error' in compiled) return { error: `CEL compile error: ${compiled.error}` };
    const result = compiled.program.evaluate({ device: this.#see(device, driver) }, { costLimit: COST_MAX });
    return result.ok ? answerOf(result) : { error: `CEL runtime error: ${result.error}` };
  }

  #see(device: Device, driver: string): Binding {
    let seen = this.#seen.get(device, driver);
    if (seen === undefined) this.#seen.set(device, driver, (seen = bindingOf(device, driver)));
    return seen;
  }
}

function answerOf({ value }: Extract<Evaluation, { readonly ok: true }>): Selection {
  return typeof value === 'boolean'
    ? { matches: value }
    : { error: 'CEL runtime error: expression did not evaluate to a boolean' };
}

function bindingOf(device: Device, driver: string): Binding {
  const { attributes = {}, capacity = {}, allowMultipleAllocations = false } = device;
  const seen = {
    driver,
    attributes: byDomain(attributes, driver, valueOf),
    capacity: byDomain(capacity, driver, ({ value }) => quantityFromText(value)),
    allowMultipleAllocations,
  };
  return seen as unknown as Binding;
}

/** A value of a type that nobody knows is null. */
function valueOf({ bool, int, string, version }: DeviceAttribute): CelValue {
  if (version !== undefined) {
    const parsed = parseSemver(version);
    return typeof parsed === 'string' ? null : parsed;
  }
  return bool ?? int ?? string ?? null;
}

const EMPTY = mapFrom([]);

function byDomain<T>(
  entries: { readonly [name: string]: T },
  driver: string,
  see: (entry: T) => CelValue,
): ByDomain {
  const domains = new Map<string, [string, CelValue][]>();
  for (const [qualified, entry] of Object.entries(entries)) {
    const slash = qualified.indexOf('/');
    const domain = slash < 0 ? driver : qualified.slice(0, slash);
    const named: [string, CelValue] = [qualified.slice(slash + 1), see(entry)];
    const present = domains.get(domain);
    if (present === undefined) domains.set(domain, [named]);
    else present.push(named);
  }
  return new ByDomain(new Map([...domains].map(([domain, named]) => [domain, mapFrom(named)])));
}

class ByDomain extends MapValue {
  readonly #domains: ReadonlyMap<CelValue, CelValue>;

  constructor(domains: ReadonlyMap<CelValue, CelValue>) {
    super();
    this.#domains = domains;
  }

  override get size(): number {
    return this.#domains.size;
  }

  override get(key: CelValue): CelValue | undefined {
    return this.#domains.get(key) ?? EMPTY;
  }

  override has(key: CelValue): boolean {
    return this.#domains.has(key);
  }

  override keys(): readonly CelValue[] {
    return [...this.#domains.keys()];
  }
}
