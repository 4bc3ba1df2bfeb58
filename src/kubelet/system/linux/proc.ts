/** The text files by which Linux tells about itself; pure. */

/** Values in bytes. */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const [, name = '', amount = '0'] of text.matchAll(/^(\w+):\s+(\d+) kB$/gm))
    values.set(name, Number(amount) * 1024);
  return values;
}

export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^(\w+)="?(.*?)"?$/gm)) values.set(name, value);
  return values;
}

/** The mount points of `/proc/<pid>/mountinfo`; blanks in names are written as octal escapes there. */
export function parseMountPoints(text: string): ReadonlySet<string> {
  const unescape = (path: string): string =>
    path.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
  return new Set(text.split('\n').map((line) => unescape(line.split(' ')[4] ?? '')));
}

/** Linux counts in ticks of 10 ms; idle and waiting times (fields 4 and 5) are not use. */
export function parseCpuNanoSeconds(stat: string): number {
  const [, ...ticks] = (/^cpu .*$/m.exec(stat)?.[0] ?? '').split(/\s+/);
  const used = ticks.slice(0, 8).reduce((sum, tick, i) => (i === 3 || i === 4 ? sum : sum + Number(tick)), 0);
  return used * 10_000_000;
}
