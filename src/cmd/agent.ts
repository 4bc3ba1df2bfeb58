/**
 * `k8ts agent`: a node on a machine of its own. It joins with a token, gets certificates for a key that never leaves the
 * machine, and runs in the foreground; later starts use what the first one got.
 */

import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { connect } from 'node:tls';
import { nthAddress } from '../api/addresses/addresses.ts';
import { errorText } from '../base/log.ts';
import { bodyText, Connection, type ServerAccess } from '../client/http/connection.ts';
import { HttpClient } from '../client/http/http-client.ts';
import type { Disk } from '../host/host.ts';
import { createNodeHost } from '../host/node/node.ts';
import { runRealNode } from '../node-agent/real-node.ts';
import { renewDaily } from './certificate-renewal.ts';
import { collectForLongRun } from './engine.ts';
import { stopSignal, thisPlace } from './this-process.ts';
import { createLogger } from './logging.ts';
import {
  askMembership, LiveMembership, newKeyPem, readMembership, writeMembership, type Membership, type NodePlace,
} from './membership.ts'; // prettier-ignore
import { JOINED_NODE } from './node-places.ts';
import { machineResolvers } from './node.ts';
import { missingOnThisMachine } from './preflight.ts';
import { machineAddresses } from './server-hosts.ts';
import { dataFolderOf, UsageError } from './settings.ts';
import { authorityHash, parseJoinToken } from './token.ts';

export interface AgentFlags {
  readonly server: string;
  readonly token: string;
  readonly dataDir?: string;
  readonly nodeName?: string;
  readonly nodeIp?: string;
}

const BOOTSTRAP_PATH = '/k8ts/v1/node-bootstrap';
const KUBELET_PORT = 10_250;

export async function runAgent(flags: AgentFlags): Promise<void> {
  const place = thisPlace();
  if (!place.isRoot || !place.isLinux)
    throw new UsageError('an agent runs containers: it needs root on Linux');
  const host = createNodeHost();
  const missing = await missingOnThisMachine(host);
  if (missing !== undefined) throw new UsageError(missing);
  const nodeName = flags.nodeName ?? hostname().toLowerCase();
  const address = flags.nodeIp ?? machineAddresses()[0];
  if (address === undefined)
    throw new UsageError('this machine has no address that others reach: give one with --node-ip');
  const folder = dataFolderOf(flags, place).node(nodeName);
  const { clock, disk } = host;
  collectForLongRun(clock);
  const self = { nodeName, address };
  const membership = (await readMembership(disk, folder)) ?? (await joinCluster(disk, folder, flags, self));
  const { networks, certificateAuthority: authorityPem } = membership;
  const access = { url: flags.server, authorityPem, client: () => live.client.current };
  const ask = (body: string): Promise<string> => askServer(access, body);
  const live = new LiveMembership({ disk, clock, folder, place: self, ask }, membership);
  const renew = (): Promise<readonly string[]> => live.renew();
  const logger = createLogger(nodeName);
  const signal = stopSignal();
  // What came near its end while nobody ran is renewed at once.
  await renew().catch((error: unknown) => {
    logger.error('certificates could not be renewed', { error: errorText(error) });
  });
  void renewDaily({ clock, logger, renew }, signal);
  const client = new HttpClient(access, `k8ts/kubelet ${nodeName}`);
  await runRealNode(
    {
      nodeName,
      nodeAddress: address,
      folder,
      ...JOINED_NODE,
      kubeletPort: KUBELET_PORT,
      ...networks,
      clusterDns: nthAddress(networks.serviceCidr, 10),
      upstreamDns: await machineResolvers(),
      serving: live.serving,
      authorityPem,
      client,
      host,
      logger,
    },
    signal,
  );
  client.close();
}

async function joinCluster(
  disk: Disk,
  folder: string,
  flags: AgentFlags,
  place: NodePlace,
): Promise<Membership> {
  const token = parseJoinToken(flags.token);
  if (token === undefined) throw new UsageError('--token: expected what `k8ts token create` printed');
  const authorityPem = await trustedAuthority(flags.server, token.authorityHash);
  const access = { url: flags.server, authorityPem, token: () => token.bootstrapToken };
  const membership = await askMembership((body) => askServer(access, body), place, newKeyPem());
  await writeMembership(disk, folder, membership);
  return membership;
}

async function askServer(access: ServerAccess, body: string): Promise<string> {
  const connection = new Connection(access);
  try {
    const headers = { 'content-type': 'application/json' };
    const answer = await connection.request('POST', BOOTSTRAP_PATH, headers, body);
    const text = await bodyText(answer);
    if (answer.status === 201) return text;
    throw new UsageError(`${access.url} refused this node (${answer.status}): ${text.slice(0, 300)}`);
  } finally {
    connection.close();
  }
}

/** The authority that the server presents, when it is the one that the token names. */
function trustedAuthority(server: string, hash: string): Promise<string> {
  const { hostname: host, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port === '' ? 443 : port),
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    socket.once('error', (cause) => reject(new UsageError(`${server} is not reachable`, { cause })));
    socket.once('secureConnect', () => {
      let certificate = socket.getPeerCertificate(true);
      while (certificate.issuerCertificate !== undefined && certificate.issuerCertificate !== certificate) {
        certificate = certificate.issuerCertificate;
      }
      socket.destroy();
      const pem = new X509Certificate(certificate.raw).toString();
      if (authorityHash(pem) === hash) resolve(pem);
      else
        reject(
          new UsageError(`${server} is not the server that this token is for: its authority is another one`),
        );
    });
  });
}
