import type { Facts } from "../facts.ts";
import { rootType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** Said once, on the stack itself, which the engine shows before anything else. */
function check(resource: Resource, facts: Facts): readonly string[] {
  if (resource.type !== rootType) {
    return [];
  }
  return facts.mistakes.map(
    ({ file, line, column, path, message }) => `${file}:${line}:${column} ${path}: ${message}`,
  );
}

export const siteFiles: ResourceRule = {
  kind: "resource",
  name: "site-files",
  description: "The site files have no mistakes.",
  check,
};
