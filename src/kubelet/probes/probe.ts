/** One attempt at a probe, in upstream's words. Ports may be names of the container's ports. */

import type { Container, HTTPGetAction, Pod, Probe } from '../../api/types.gen.ts';
import { errorText } from '../../base/log.ts';
import type { Prober } from '../../host/host.ts';
import { CriError, type RuntimeService } from '../cri/cri.ts';

export type ProbeResult =
  | { readonly type: 'success' }
  | { readonly type: 'failure'; readonly message: string }
  /** It could not be carried out: counts as nothing. */
  | { readonly type: 'error'; readonly message: string };

export interface ProbePorts {
  readonly network: Prober;
  readonly runtime: Pick<RuntimeService, 'execSync'>;
  readonly grpc: GrpcHealth;
}

/** `undefined`: serving; else why not. */
export type GrpcHealth = (
  host: string,
  port: number,
  service: string,
  timeoutMs: number,
) => Promise<string | undefined>;

export interface ProbeTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

export async function runProbe(ports: ProbePorts, probe: Probe, target: ProbeTarget): Promise<ProbeResult> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  if (exec !== undefined) return runExec(ports, exec.command ?? [], target, timeoutMs);
  if (httpGet !== undefined) return runHttp(ports, httpGet, target, timeoutMs);
  if (tcpSocket !== undefined) {
    const port = portNumber(tcpSocket.port, target.container);
    if (port === undefined) return { type: 'error', message: `couldn't find port: ${tcpSocket.port}` };
    const host = (tcpSocket.host ?? '') === '' ? target.podIp : (tcpSocket.host ?? '');
    const answer = await ports.network.probeTcp(host, port, timeoutMs);
    if (answer.ok) return { type: 'success' };
    return { type: 'failure', message: dialText(answer.reason ?? '', host, port) };
  }
  if (grpc !== undefined) {
    const problem = await ports.grpc(target.podIp, grpc.port, grpc.service ?? '', timeoutMs);
    return problem === undefined ? { type: 'success' } : { type: 'failure', message: problem };
  }
  return { type: 'error', message: `missing probe handler for container ${target.container.name}` };
}

async function runExec(
  { runtime }: ProbePorts,
  command: readonly string[],
  { containerId }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  try {
    const result = await runtime.execSync(containerId, command, Math.ceil(timeoutMs / 1000));
    if (result.exitCode === 0) return { type: 'success' };
    return { type: 'failure', message: Buffer.concat([result.stdout, result.stderr]).toString() };
  } catch (error) {
    if (error instanceof CriError && error.code === 'DeadlineExceeded') {
      const message = `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`;
      return { type: 'failure', message };
    }
    return { type: 'error', message: error instanceof CriError ? error.message : errorText(error) };
  }
}

async function runHttp(
  { network }: ProbePorts,
  action: HTTPGetAction,
  { container, podIp }: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeResult> {
  const request = httpRequest(action, container, podIp);
  if (request === undefined) return { type: 'error', message: `couldn't find port: ${action.port}` };
  const answer = await network.probeHttp({ ...request, timeoutMs });
  if (answer.ok) return { type: 'success' };
  if (answer.status !== undefined)
    return { type: 'failure', message: `HTTP probe failed with statuscode: ${answer.status}` };
  const { hostname, port } = new URL(request.url);
  const reason = answer.reason ?? '';
  if (/timeout/i.test(reason)) {
    const why = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
    return { type: 'failure', message: `Get "${request.url}": ${why}` };
  }
  const text = reason.startsWith('Get ')
    ? reason
    : `Get "${request.url}": ${dialText(reason, hostname, Number(port))}`;
  return { type: 'failure', message: text };
}

/** Undefined when the container has no port of that name. */
export function httpRequest(
  { scheme = 'HTTP', host = '', path = '/', port, httpHeaders = [] }: HTTPGetAction,
  container: Container,
  podIp: string,
): { readonly url: string; readonly headers: readonly { name: string; value: string }[] } | undefined {
  const number = portNumber(port, container);
  if (number === undefined) return undefined;
  const name = host === '' ? podIp : host;
  const authority = `${name.includes(':') ? `[${name}]` : name}:${number}`;
  const has = (wanted: string): boolean => httpHeaders.some((h) => h.name.toLowerCase() === wanted);
  return {
    url: `${scheme.toLowerCase()}://${authority}${path.startsWith('/') ? path : `/${path}`}`,
    headers: [
      ...(has('user-agent') ? [] : [{ name: 'User-Agent', value: 'kube-probe/1.36' }]),
      ...(has('accept') ? [] : [{ name: 'Accept', value: '*/*' }]),
      ...httpHeaders,
    ],
  };
}

export function portNumber(port: number | string, { ports = [] }: Container): number | undefined {
  if (typeof port === 'number') return port;
  const named = ports.find(({ name }) => name === port)?.containerPort;
  return named ?? (/^\d+$/.test(port) ? Number(port) : undefined);
}

/** Go's words for what Node calls `connect ECONNREFUSED 10.42.0.5:80`. */
function dialText(reason: string, host: string, port: number): string {
  const dial = `dial tcp ${host}:${port}`;
  if (reason.includes('ECONNREFUSED')) return `${dial}: connect: connection refused`;
  if (reason.includes('EHOSTUNREACH')) return `${dial}: connect: no route to host`;
  if (reason.includes('ENETUNREACH')) return `${dial}: connect: network is unreachable`;
  return reason;
}
