/** Which credentials of a pod's `imagePullSecrets` fit an image; pure. */

import type { Secret } from '../../api/types.gen.ts';
import type { AuthConfig } from '../cri/messages.ts';
import { parseImageReference } from './reference.ts';

interface Entry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
}

/** Best first: the entries that name more of the image's path. */
export function credentialsFor(image: string, secrets: readonly Secret[]): readonly AuthConfig[] {
  const reference = parseImageReference(image);
  if (reference === undefined) return [];
  const found = secrets.flatMap(entriesOf).flatMap(([key, entry]) => {
    const place = placeOf(key);
    return matches(place, reference) ? [{ place, auth: authOf(entry) }] : [];
  });
  return found.sort((a, b) => b.place.path.length - a.place.path.length).map(({ auth }) => auth);
}

function entriesOf({ type, data = {} }: Secret): readonly (readonly [string, Entry])[] {
  const json = (key: string): unknown => {
    const text = data[key];
    if (text === undefined) return undefined;
    try {
      return JSON.parse(Buffer.from(text, 'base64').toString());
    } catch {
      // What is no JSON holds no credentials; the pull then says that it was refused.
      return undefined;
    }
  };
  const file = type === 'kubernetes.io/dockercfg' ? json('.dockercfg') : auths(json('.dockerconfigjson'));
  return typeof file === 'object' && file !== null ? Object.entries(file as Record<string, Entry>) : [];
}

function auths(config: unknown): unknown {
  return typeof config === 'object' && config !== null && 'auths' in config ? config.auths : undefined;
}

interface Place {
  readonly host: string;
  readonly path: string;
}

/** `https://index.docker.io/v1/` → docker.io; `ghcr.io/team` → host and path. */
function placeOf(key: string): Place {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
  const slash = bare.indexOf('/');
  const host = slash < 0 ? bare : bare.slice(0, slash);
  const path = slash < 0 ? '' : bare.slice(slash + 1);
  return { host: host === 'index.docker.io' ? 'docker.io' : host, path };
}

function matches(
  { host, path }: Place,
  image: { readonly registry: string; readonly repository: string },
): boolean {
  const wanted = host.split('.');
  const parts = image.registry.split('.');
  const sameHost =
    wanted.length === parts.length && wanted.every((part, i) => globMatches(part, parts[i] ?? ''));
  return sameHost && (path === '' || image.repository === path || image.repository.startsWith(`${path}/`));
}

function globMatches(pattern: string, text: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(text);
}

function authOf({ username, password, auth, identitytoken }: Entry): AuthConfig {
  const [user = '', ...rest] = Buffer.from(auth ?? '', 'base64')
    .toString()
    .split(':');
  return {
    username: username ?? user,
    password: password ?? rest.join(':'),
    ...(identitytoken === undefined ? {} : { identityToken: identitytoken }),
  };
}
