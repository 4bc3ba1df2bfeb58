/** Probes and single requests over the machine's network. */

import * as http from 'node:http';
import * as https from 'node:https';
import { connect, isIP } from 'node:net';
import { createConnections, open, textOf, wasClosedBefore } from './streamed-request.ts';
import type { HttpProbe, HttpsAnswer, HttpsRequest, Network, ProbeAnswer } from '../host.ts';

/** As upstream's prober: more of a body is not read (pkg/probe/http maxRespBodyLength). */
const BODY_MAX_BYTES = 10 * 1024;
const REDIRECTS_MAX = 10;

type HttpAnswer = ProbeAnswer & { readonly status?: number; readonly body?: string };

export function createNodeNetwork(): Network {
  const connections = createConnections();
  return {
    probeTcp,
    probeHttp,
    request: (wanted) => request(wanted, connections.https),
    open: (wanted) => open(wanted, connections),
  };
}

function probeTcp(host: string, port: number, timeoutMs: number): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answer: ProbeAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(
      () => finish({ ok: false, reason: `dial tcp ${host}:${port}: i/o timeout` }),
      timeoutMs,
    );
    socket.once('connect', () => finish({ ok: true }));
    socket.once('error', (error) => finish({ ok: false, reason: error.message }));
  });
}

async function probeHttp(probe: HttpProbe): Promise<HttpAnswer> {
  const signal = timeLimit(probe.timeoutMs);
  let url = new URL(probe.url);
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const answer = await getOnce(url, probe, signal);
    const target = answer.location === undefined ? undefined : new URL(answer.location, url);
    // A redirect to another host counts as an answer by itself, as upstream's prober has it.
    if (target === undefined || target.hostname !== url.hostname) return answer.answer;
    url = target;
  }
  return { ok: false, reason: `stopped after ${REDIRECTS_MAX} redirects` };
}

/** `agent` false: over a connection of its own. */
function request(
  wanted: HttpsRequest,
  agent: https.Agent | false,
  signal = timeLimit(wanted.timeoutMs),
): Promise<HttpsAnswer> {
  const url = new URL(wanted.url);
  const { connectTo, body } = wanted;
  const host = connectTo?.host ?? hostnameOf(url);
  const port = connectTo?.port ?? (url.port === '' ? 443 : Number(url.port));
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const fail = (error: Error): void => {
      const isStale = sent.reusedSocket && !isAnswered && wasClosedBefore(error);
      if (isStale && !signal.aborted) {
        isAnswered = true;
        return resolve(request(wanted, false, signal));
      }
      const why = signal.aborted ? 'context deadline exceeded' : textOf(error, host, port);
      reject(new Error(`${verbOf(wanted.method)} "${wanted.url}": ${why}`, { cause: error }));
    };
    const sent = https.request({ ...optionsOf(wanted, url), host, port, agent, signal });
    sent.on('error', fail);
    sent.once('response', (response) => {
      isAnswered = true;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= wanted.answerMaxBytes) chunks.push(chunk);
        else sent.destroy(new Error(`the answer is longer than ${wanted.answerMaxBytes} bytes`));
      });
      response.on('error', fail);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.end(body);
  });
}

function hostnameOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function optionsOf(wanted: HttpsRequest, url: URL): https.RequestOptions {
  const { caPem, clientCertificate, body } = wanted;
  const hostname = hostnameOf(url);
  return {
    method: wanted.method,
    path: url.pathname + url.search,
    headers: {
      ...wanted.headers,
      host: url.host,
      ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }),
    },
    // An address is no name; its certificate is checked all the same.
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(clientCertificate === undefined
      ? {}
      : { cert: clientCertificate.certificatePem, key: clientCertificate.keyPem }),
  };
}

/** What is left of some time is seldom a whole number of milliseconds, which Node insists on. */
function timeLimit(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.max(0, Math.ceil(ms)));
}

/** `Post`, as Go begins its errors. */
function verbOf(method: string): string {
  return method.slice(0, 1) + method.slice(1).toLowerCase();
}

interface OneAnswer {
  readonly answer: HttpAnswer;
  readonly location?: string;
}

function getOnce(url: URL, probe: HttpProbe, signal: AbortSignal): Promise<OneAnswer> {
  return new Promise((resolve) => {
    const fail = (error: Error): void =>
      resolve({
        answer: { ok: false, reason: signal.aborted ? `Get "${url.href}": timeout exceeded` : error.message },
      });
    const headers: Record<string, string> = {};
    for (const { name, value } of probe.headers) headers[name] = value;
    const options = { headers, signal, agent: false };
    const request =
      url.protocol === 'https:'
        ? https.get(url, { ...options, rejectUnauthorized: false })
        : http.get(url, options);
    request.once('error', fail);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void => {
        resolve(answerOf(response, Buffer.concat(chunks).subarray(0, BODY_MAX_BYTES).toString()));
        request.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size >= BODY_MAX_BYTES) finish();
      });
      response.once('end', finish);
      response.on('error', fail);
    });
  });
}

function answerOf(response: http.IncomingMessage, body: string): OneAnswer {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (status < 200 || status >= 400) {
    return { answer: { ok: false, status, body, reason: `HTTP probe failed with statuscode: ${status}` } };
  }
  const answer = { ok: true, status, body };
  return status >= 300 && location !== undefined ? { answer, location } : { answer };
}
