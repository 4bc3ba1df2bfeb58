/**
 * The OpenID discovery documents, by which others (a cloud, a vault) can verify tokens of service accounts.
 */

import type { Exchange } from '../http/exchange.ts';
import type { PathHandler } from '../http/front.ts';
import type { ServiceAccountTokens } from './service-account-token.ts';

const CONFIGURATION = '/.well-known/openid-configuration';
const KEYS = '/openid/v1/jwks';
/** Keys change seldom. */
const CACHE_CONTROL = 'public, max-age=3600';

export class OpenIdHandler implements PathHandler {
  readonly #tokens: ServiceAccountTokens;
  readonly #address: string;

  /** `address`: `host:port` under which the keys can be fetched. */
  constructor(tokens: ServiceAccountTokens, address: string) {
    this.#tokens = tokens;
    this.#address = address;
  }

  handle(path: string, exchange: Exchange): Promise<void> | undefined {
    switch (path) {
      case CONFIGURATION:
        this.#answer(exchange, 'application/json', {
          issuer: this.#tokens.issuer,
          jwks_uri: `https://${this.#address}${KEYS}`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256'],
        });
        return Promise.resolve();
      case KEYS:
        this.#answer(exchange, 'application/jwk-set+json', { keys: [this.#tokens.publicJwk()] });
        return Promise.resolve();
      default:
        return undefined;
    }
  }

  #answer(exchange: Exchange, contentType: string, document: unknown): void {
    const headers = { 'content-type': contentType, 'cache-control': CACHE_CONTROL };
    exchange.respond(200, headers, JSON.stringify(document));
  }
}
