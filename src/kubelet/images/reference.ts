/**
 * Image references: `busybox` means `docker.io/library/busybox:latest`, as Docker and containerd read it.
 *
 * A name's first part is a registry only when it looks like a host (has a dot or a port, or is `localhost`).
 */

export interface ImageReference {
  /** Host of the registry, with port. */
  readonly registry: string;
  readonly repository: string;
  /** Absent when the reference has a digest only. */
  readonly tag?: string;
  readonly digest?: string;
}

const repositoryPattern =
  /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;
const registryPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const nameLengthMax = 255;

/** Parses and completes a reference; undefined when it is not one. */
export function parseImageReference(text: string): ImageReference | undefined {
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return undefined;
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const path = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  const { registry, repository } = splitRegistry(path);
  if (!registryPattern.test(registry) || !repositoryPattern.test(repository)) return undefined;
  if (registry.length + repository.length + 1 > nameLengthMax) return undefined;
  if (digest === undefined) return { registry, repository, tag: tag ?? 'latest' };
  return { registry, repository, digest, ...(tag === undefined ? {} : { tag }) };
}

function splitRegistry(path: string): { readonly registry: string; readonly repository: string } {
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(slash, 0));
  if (slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())) {
    const registry = first === 'index.docker.io' ? 'docker.io' : first;
    const rest = path.slice(slash + 1);
    return {
      registry,
      repository: registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest,
    };
  }
  return { registry: 'docker.io', repository: slash < 0 ? `library/${path}` : path };
}

export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** The complete form of a reference; undefined when it is not one. */
export function completeImageReference(text: string): string | undefined {
  const reference = parseImageReference(text);
  return reference && formatImageReference(reference);
}
