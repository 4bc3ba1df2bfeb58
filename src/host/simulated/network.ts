/** A scripted network: every probe fails as an unreachable address does, until a test says otherwise. */

import type {
  HttpProbe,
  HttpsAnswer,
  HttpsRequest,
  Network,
  ProbeAnswer,
  StreamedAnswer,
  StreamedRequest,
} from '../host.ts';

type HttpAnswer = ProbeAnswer & { readonly status?: number; readonly body?: string };
type TcpScript = (host: string, port: number) => ProbeAnswer | Promise<ProbeAnswer>;
type RequestScript = (request: HttpsRequest) => HttpsAnswer | Promise<HttpsAnswer>;
type OpenScript = (request: StreamedRequest) => StreamedAnswer | Promise<StreamedAnswer>;
type HttpScript = (probe: HttpProbe) => HttpAnswer | Promise<HttpAnswer>;

export class SimulatedNetwork implements Network {
  /** Answers TCP probes; replace it. */
  onTcp: TcpScript = (host, port) => ({
    ok: false,
    reason: `dial tcp ${host}:${port}: connect: connection refused`,
  });
  /** Answers HTTP probes; replace it. */
  onHttp: HttpScript = ({ url }) => {
    const { host } = new URL(url);
    return { ok: false, reason: `Get "${url}": dial tcp ${host}: connect: connection refused` };
  };

  /** Answers requests; replace it. */
  onRequest: RequestScript = ({ method, url }) => {
    throw new Error(`${method} "${url}": dial tcp ${new URL(url).host}: connect: connection refused`);
  };

  /** Answers streamed requests; replace it. */
  onOpen: OpenScript = ({ url, connectTo }) => {
    const host = connectTo === undefined ? new URL(url).host : `${connectTo.host}:${connectTo.port}`;
    throw new Error(`dial tcp ${host}: connect: connection refused`);
  };

  async probeTcp(host: string, port: number, _timeoutMs: number): Promise<ProbeAnswer> {
    return this.onTcp(host, port);
  }

  async probeHttp(request: HttpProbe): Promise<HttpAnswer> {
    return this.onHttp(request);
  }

  async request(request: HttpsRequest): Promise<HttpsAnswer> {
    return this.onRequest(request);
  }

  async open(request: StreamedRequest): Promise<StreamedAnswer> {
    return this.onOpen(request);
  }
}
