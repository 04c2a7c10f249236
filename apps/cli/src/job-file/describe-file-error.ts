const fileErrors: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ["ENOENT", "there is no such file"],
  ["ENOTDIR", "a part of the path is no folder"],
  ["EISDIR", "it is a folder"],
  ["EACCES", "you have no right to read it"],
  ["EPERM", "you have no right to read it"],
  ["ENAMETOOLONG", "no file has so long a name"],
]);

/** What the system says about a file, in words. */
export function describeFileError(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return fileErrors.get(code) ?? (error instanceof Error ? error.message : String(error));
}
