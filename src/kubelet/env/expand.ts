/** `$(NAME)` in commands, arguments and values; `$$` is one `$`, unknown names stay as they are. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, kind: string, name: string | undefined) =>
    kind === '$' ? '$' : (lookup(name ?? '') ?? whole),
  );
}
