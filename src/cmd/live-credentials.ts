/** The cluster's credentials as they are at the moment: leaves are replaced while the server runs. */

import type { FrontProxy } from '../apiserver/authentication/request-header.ts';
import { LiveKeyPair } from '../pki/live-key-pair.ts';
import type { KeyPair } from '../pki/pki.ts';
import { loadLeaves, type CredentialParts, type Credentials, type Leaf } from './credentials.ts';

export class LiveCredentials implements Credentials {
  readonly authority: KeyPair;
  readonly frontProxyAuthority: KeyPair;
  readonly serviceAccountKeyPem: string;
  readonly #parts: CredentialParts;
  readonly #leaves: Readonly<Record<Leaf, LiveKeyPair>>;

  constructor(parts: CredentialParts, loaded: Credentials) {
    this.#parts = parts;
    this.authority = loaded.authority;
    this.frontProxyAuthority = loaded.frontProxyAuthority;
    this.serviceAccountKeyPem = loaded.serviceAccountKeyPem;
    this.#leaves = {
      server: new LiveKeyPair(loaded.server),
      admin: new LiveKeyPair(loaded.admin),
      kubeletClient: new LiveKeyPair(loaded.kubeletClient),
      frontProxyClient: new LiveKeyPair(loaded.frontProxyClient),
    };
  }

  get server(): KeyPair {
    return this.#leaves.server.current;
  }
  get admin(): KeyPair {
    return this.#leaves.admin.current;
  }
  get kubeletClient(): KeyPair {
    return this.#leaves.kubeletClient.current;
  }
  get frontProxyClient(): KeyPair {
    return this.#leaves.frontProxyClient.current;
  }

  /** As the API server takes it; its certificate is that of the moment when it is asked for. */
  get frontProxy(): FrontProxy {
    const live = this.#leaves.frontProxyClient;
    return {
      authorityPem: this.frontProxyAuthority.certificatePem,
      get client() {
        return live.current;
      },
    };
  }

  onServerReplaced(listener: (pair: KeyPair) => void, signal: AbortSignal): void {
    this.#leaves.server.onReplace(listener, signal);
  }

  /** Renews what is near its end, or takes what another process has renewed; names what is new. */
  async renew(): Promise<readonly string[]> {
    const next = await loadLeaves(this.#parts, this);
    const names: string[] = [];
    for (const name of LEAVES) {
      const leaf = this.#leaves[name];
      if (leaf.current.certificatePem !== next[name].certificatePem) names.push(name);
      leaf.replace(next[name]);
    }
    return names;
  }
}

const LEAVES: readonly Leaf[] = ['server', 'admin', 'kubeletClient', 'frontProxyClient'];
