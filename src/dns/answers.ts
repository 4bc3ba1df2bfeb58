/**
 * What the cluster's DNS knows, as a pure function: a question and a view of services and endpoints in,
 * records out. Follows the Kubernetes DNS specification 1.1.0
 * (https://github.com/kubernetes/dns/blob/master/docs/specification.md).
 *
 * Example, domain `cluster.local`:
 *   web.shop.svc.cluster.local A            → the cluster IP, or every ready endpoint of a headless service
 *   db-0.db.shop.svc.cluster.local A        → the endpoint with that hostname
 *   _http._tcp.web.shop.svc.cluster.local   → SRV: port and target
 *   10-42-0-5.shop.pod.cluster.local A      → 10.42.0.5
 *   5.0.43.10.in-addr.arpa PTR              → web.shop.svc.cluster.local
 */

export interface DnsEndpoint {
  readonly address: string;
  /** Empty: the address with dashes stands for it. */
  readonly hostname: string;
}

export interface DnsPort {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
}

export interface DnsService {
  readonly namespace: string;
  readonly name: string;
  /** Empty for headless services. */
  readonly clusterIps: readonly string[];
  /** Set for services of type ExternalName. */
  readonly externalName: string;
  readonly ports: readonly DnsPort[];
}

export interface DnsView {
  readonly domain: string;
  hasNamespace(namespace: string): boolean;
  service(namespace: string, name: string): DnsService | undefined;
  /** Those that the service publishes: ready ones, or all when it says so. */
  endpoints(service: DnsService): readonly DnsEndpoint[];
  /** The names behind an address, for reverse look-ups. */
  namesOf(address: string): readonly string[];
}

export type RecordType = 'A' | 'AAAA' | 'SRV' | 'PTR' | 'CNAME' | 'TXT' | 'SOA' | 'NS';

export type DnsRecord =
  | {
      readonly type: 'A' | 'AAAA' | 'PTR' | 'CNAME' | 'TXT' | 'NS';
      readonly name: string;
      readonly data: string;
    }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly port: number;
      readonly target: string;
      readonly weight: number;
    }
  | { readonly type: 'SOA'; readonly name: string };

export type DnsAnswer =
  | {
      readonly result: 'answer';
      readonly records: readonly DnsRecord[];
      /** Addresses of SRV targets. */
      readonly additional: readonly DnsRecord[];
    }
  /** The name exists, but has no record of the type. */
  | { readonly result: 'empty' }
  | { readonly result: 'nxdomain' }
  /** Not ours: ask the next server. */
  | { readonly result: 'forward' };

const SCHEMA_VERSION = '1.1.0';
const EMPTY: DnsAnswer = { result: 'empty' };
const NXDOMAIN: DnsAnswer = { result: 'nxdomain' };

/** Names compare without case; the answer repeats the name as it was asked. */
export function answerQuestion(view: DnsView, asked: string, type: string): DnsAnswer {
  const name = asked.toLowerCase().replace(/\.$/, '');
  if (name.endsWith('.in-addr.arpa')) return reverse(view, asked, name, type);
  if (name !== view.domain && !name.endsWith(`.${view.domain}`)) return { result: 'forward' };
  const labels = name === view.domain ? [] : name.slice(0, -view.domain.length - 1).split('.');
  const zone = labels.at(-1);
  switch (zone) {
    case undefined:
      return type === 'SOA'
        ? records([{ type: 'SOA', name: asked }])
        : type === 'NS'
          ? nameServer(view, asked)
          : EMPTY;
    case 'svc':
      return inServices(view, asked, labels.slice(0, -1), type);
    case 'pod':
      return inPods(view, asked, labels.slice(0, -1), type);
    case 'dns-version':
      if (labels.length > 1) return NXDOMAIN;
      return type === 'TXT' ? records([{ type: 'TXT', name: asked, data: SCHEMA_VERSION }]) : EMPTY;
    default:
      return NXDOMAIN;
  }
}

function records(list: readonly DnsRecord[], additional: readonly DnsRecord[] = []): DnsAnswer {
  return list.length === 0 ? EMPTY : { result: 'answer', records: list, additional };
}

function nameServer(view: DnsView, asked: string): DnsAnswer {
  return records([{ type: 'NS', name: asked, data: `kube-dns.kube-system.svc.${view.domain}` }]);
}

function reverse(view: DnsView, asked: string, name: string, type: string): DnsAnswer {
  const address = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.');
  const names = view.namesOf(address);
  if (names.length === 0) return { result: 'forward' };
  return type === 'PTR' ? records(names.map((data) => ({ type: 'PTR', name: asked, data }))) : EMPTY;
}

function inPods(view: DnsView, asked: string, labels: readonly string[], type: string): DnsAnswer {
  const [dashed = '', namespace = ''] = labels;
  if (labels.length < 2) return labels.length === 0 || view.hasNamespace(dashed) ? EMPTY : NXDOMAIN;
  if (labels.length > 2 || !view.hasNamespace(namespace)) return NXDOMAIN;
  if (!/^(\d{1,3}-){3}\d{1,3}$/.test(dashed)) return NXDOMAIN;
  return type === 'A' ? records([{ type: 'A', name: asked, data: dashed.replaceAll('-', '.') }]) : EMPTY;
}

function inServices(view: DnsView, asked: string, labels: readonly string[], type: string): DnsAnswer {
  const namespace = labels.at(-1);
  const serviceName = labels.at(-2);
  if (namespace === undefined) return EMPTY;
  if (serviceName === undefined) return view.hasNamespace(namespace) ? EMPTY : NXDOMAIN;
  const service = view.service(namespace, serviceName);
  if (service === undefined) return NXDOMAIN;
  const rest = labels.slice(0, -2);
  if (service.externalName !== '') {
    if (rest.length > 0) return NXDOMAIN;
    return records([{ type: 'CNAME', name: asked, data: service.externalName }]);
  }
  if (rest.length === 0) return serviceRecords(view, asked, service, type);
  if (rest.length === 1) return endpointRecords(view, asked, service, rest[0] ?? '', type);
  if (rest.length === 2) return portRecords(view, asked, service, rest[0] ?? '', rest[1] ?? '', type);
  return NXDOMAIN;
}

function isHeadless(service: DnsService): boolean {
  return service.clusterIps.length === 0;
}

function serviceRecords(view: DnsView, asked: string, service: DnsService, type: string): DnsAnswer {
  const addresses = isHeadless(service) ? view.endpoints(service).map((e) => e.address) : service.clusterIps;
  if (isHeadless(service) && addresses.length === 0) return NXDOMAIN;
  if (type === 'SRV') return serviceRecordsOf(view, asked, service, service.ports);
  return addressRecords(asked, addresses, type);
}

function addressRecords(asked: string, addresses: readonly string[], type: string): DnsAnswer {
  if (type !== 'A' && type !== 'AAAA') return EMPTY;
  const fitting = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
  return records(fitting.map((data) => ({ type, name: asked, data })));
}

/** Under a headless service: the endpoint of that hostname, or of that address with dashes. */
function endpointRecords(
  view: DnsView,
  asked: string,
  service: DnsService,
  host: string,
  type: string,
): DnsAnswer {
  if (host.startsWith('_')) return view.endpoints(service).length > 0 ? EMPTY : NXDOMAIN;
  const found = view.endpoints(service).filter((endpoint) => hostOf(endpoint) === host);
  if (found.length === 0) return NXDOMAIN;
  return addressRecords(
    asked,
    found.map((e) => e.address),
    type,
  );
}

function hostOf({ hostname, address }: DnsEndpoint): string {
  return hostname === '' ? address.replaceAll(/[.:]/g, '-') : hostname;
}

function portRecords(
  view: DnsView,
  asked: string,
  service: DnsService,
  port: string,
  protocol: string,
  type: string,
): DnsAnswer {
  const fitting = service.ports.filter(
    (p) => `_${p.name}` === port && `_${p.protocol.toLowerCase()}` === protocol,
  );
  if (fitting.length === 0) return NXDOMAIN;
  return type === 'SRV' ? serviceRecordsOf(view, asked, service, fitting) : EMPTY;
}

function serviceRecordsOf(
  view: DnsView,
  asked: string,
  service: DnsService,
  ports: readonly DnsPort[],
): DnsAnswer {
  const base = `${service.name}.${service.namespace}.svc.${view.domain}`;
  const targets = isHeadless(service)
    ? view
        .endpoints(service)
        .map((endpoint) => ({ target: `${hostOf(endpoint)}.${base}`, address: endpoint.address }))
    : service.clusterIps.map((address) => ({ target: base, address }));
  const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.length * ports.length)));
  const list = ports.flatMap(({ port }) =>
    targets.map(({ target }) => ({ type: 'SRV' as const, name: asked, port, target, weight })),
  );
  const additional = targets.map(({ target, address }) => ({
    type: address.includes(':') ? ('AAAA' as const) : ('A' as const),
    name: target,
    data: address,
  }));
  return records(list, additional);
}
