/** Rules for the ports of a Service. */

import {
  duplicate,
  forbidden,
  invalid,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { dns1123LabelProblem } from '../../../names/names.ts';
import type { ServicePort, ServiceSpec } from '../../../types.gen.ts';
import { portNameProblem, portNumberProblem } from '../pod/validate-port.ts';

const PORTS = ROOT_PATH.child('spec', 'ports');

export function validateServicePorts(spec: ServiceSpec, isHeadless: boolean): FieldError[] {
  const { ports = [], type } = spec;
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless && type !== 'ExternalName') errors.push(required(PORTS));
  const names = new Set<string>();
  const pairs = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const path = PORTS.index(i);
    errors.push(...validateName(path, port, ports.length > 1, names), ...validatePort(path, port));
    const protocol = port.protocol ?? 'TCP';
    const pair = `${protocol} ${port.port}`;
    if (pairs.has(pair)) errors.push(duplicate(path, { protocol, port: port.port }));
    pairs.add(pair);
    const nodePort = port.nodePort ?? 0;
    if (nodePort === 0) continue;
    if (type === 'ClusterIP') {
      errors.push(forbidden(path.child('nodePort'), "may not be used when `type` is 'ClusterIP'"));
    }
    const key = `${protocol} ${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(path.child('nodePort'), nodePort));
    nodePorts.add(key);
  }
  return errors;
}

function validateName(
  path: FieldPath,
  { name = '' }: ServicePort,
  isNeeded: boolean,
  names: Set<string>,
): FieldError[] {
  const at = path.child('name');
  if (name === '') return isNeeded ? [required(at)] : [];
  const problem = dns1123LabelProblem(name);
  if (problem !== undefined) return [invalid(at, name, problem)];
  if (names.has(name)) return [duplicate(at, name)];
  names.add(name);
  return [];
}

function validatePort(path: FieldPath, { port, targetPort, appProtocol }: ServicePort): FieldError[] {
  const errors: FieldError[] = [];
  const bad = portNumberProblem(port);
  if (bad !== undefined) errors.push(invalid(path.child('port'), port, bad));
  if (targetPort !== undefined) {
    const problem =
      typeof targetPort === 'number' ? portNumberProblem(targetPort) : portNameProblem(targetPort);
    if (problem !== undefined) errors.push(invalid(path.child('targetPort'), targetPort, problem));
  }
  const badApp = appProtocol === undefined ? undefined : labelKeyProblem(appProtocol);
  if (badApp !== undefined) errors.push(invalid(path.child('appProtocol'), appProtocol, badApp));
  return errors;
}
