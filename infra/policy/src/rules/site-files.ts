import { mistakeText } from "@ertis/provisioning-model";
import type { Facts } from "../facts.ts";
import { rootType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** Said once, on the stack itself, which the engine shows before anything else. */
function check(resource: Resource, facts: Facts): readonly string[] {
  if (resource.type !== rootType) {
    return [];
  }
  return facts.mistakes.map(mistakeText);
}

export const siteFiles: ResourceRule = {
  kind: "resource",
  name: "site-files",
  description: "The site files have no mistakes.",
  check,
};
