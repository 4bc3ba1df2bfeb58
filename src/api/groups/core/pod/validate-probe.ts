/** Rules for probes and lifecycle hooks, which do the same things. */

import { forbidden, invalid, required, type FieldError, type FieldPath } from '../../../field/field-error.ts';
import type {
  Container,
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  TCPSocketAction,
} from '../../../types.gen.ts';
import { portNameProblem, portNumberProblem } from './validate-port.ts';

const HEADER_NAME = /^[-A-Za-z0-9]+$/;

export function validateProbes(path: FieldPath, container: Container): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container[field];
    if (probe === undefined) continue;
    const at = path.child(field);
    errors.push(...validateProbe(at, probe));
    const { successThreshold = 1, terminationGracePeriodSeconds: grace } = probe;
    if (field === 'readinessProbe') {
      if (grace !== undefined) {
        const detail = 'must not be set for readinessProbes';
        errors.push(invalid(at.child('terminationGracePeriodSeconds'), grace, detail));
      }
    } else if (successThreshold !== 1) {
      errors.push(invalid(at.child('successThreshold'), successThreshold, 'must be 1'));
    }
  }
  return errors;
}

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function validateProbe(path: FieldPath, probe: Probe): FieldError[] {
  const errors = validateHandler(path, probe);
  for (const field of COUNTS) {
    const value = probe[field] ?? 0;
    if (value < 0) errors.push(invalid(path.child(field), value, 'must be greater than or equal to 0'));
  }
  const { terminationGracePeriodSeconds: grace } = probe;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'));
  }
  return errors;
}

export function validateLifecycle(path: FieldPath, lifecycle: Lifecycle | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['postStart', 'preStop'] as const) {
    const handler = lifecycle?.[field];
    if (handler !== undefined) errors.push(...validateHandler(path.child(field), handler));
  }
  return errors;
}

interface Handler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
  readonly sleep?: LifecycleHandler['sleep'];
}

const WAYS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/** Exactly one way, and that one well described. */
function validateHandler(path: FieldPath, handler: Handler): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const errors: FieldError[] = [];
  let given = 0;
  for (const way of WAYS) {
    if (handler[way] === undefined || ++given === 1) continue;
    errors.push(forbidden(path.child(way), 'may not specify more than 1 handler type'));
  }
  if (given === 0) return [required(path, 'must specify a handler type')];
  if (exec !== undefined && (exec.command ?? []).length === 0)
    errors.push(required(path.child('exec', 'command')));
  if (httpGet !== undefined) {
    errors.push(...validatePort(path.child('httpGet', 'port'), httpGet.port));
    for (const [i, { name }] of (httpGet.httpHeaders ?? []).entries()) {
      if (HEADER_NAME.test(name)) continue;
      const detail =
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
      errors.push(invalid(path.child('httpGet', 'httpHeaders').index(i).child('name'), name, detail));
    }
  }
  if (tcpSocket !== undefined) errors.push(...validatePort(path.child('tcpSocket', 'port'), tcpSocket.port));
  if (grpc !== undefined) errors.push(...validatePort(path.child('grpc', 'port'), grpc.port));
  if (sleep !== undefined && sleep.seconds < 0) {
    errors.push(invalid(path.child('sleep', 'seconds'), sleep.seconds, 'must be a non-negative integer'));
  }
  return errors;
}

function validatePort(path: FieldPath, port: number | string): FieldError[] {
  const problem = typeof port === 'number' ? portNumberProblem(port) : portNameProblem(port);
  return problem === undefined ? [] : [invalid(path, port, problem)];
}
