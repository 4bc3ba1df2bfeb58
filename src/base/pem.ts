/** PEM (RFC 7468): binary data as text between lines that say what it is. */

export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly type: string;
  readonly der: Buffer;
  readonly hasHeaders: boolean;
}

export function pemBlocks(text: string): PemBlock[] {
  const blocks = text.matchAll(/^-----BEGIN ([^\n]*?)-----\s*?\n([\s\S]*?)^-----END \1-----/gm);
  return [...blocks].map(([, type = '', body = '']) => {
    const lines = body.split(/\r?\n/);
    const headers = lines.filter((line) => line.includes(':'));
    const data = lines.filter((line) => !line.includes(':')).join('');
    return { type, der: Buffer.from(data, 'base64'), hasHeaders: headers.length > 0 };
  });
}

/** Without a line end at its end. */
export function pemText(type: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----`;
}
