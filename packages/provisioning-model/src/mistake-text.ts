import type { SiteFileError } from "@ertis/site-model";

/** `file:line:column path: message`, which editors and terminals open; a whole file has no path. */
export function mistakeText({ file, line, column, path, message }: SiteFileError): string {
  const place = `${file}:${line}:${column}`;
  return path === "" ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}
