import type { SubmitItem as ApiSubmitItem } from "@ertis/api";
import type { SubmitItem } from "@ertis/scheduler-engine";
import { bodyHash } from "./body-hash.ts";
import { type SpecRules, specFromApi } from "./spec-from-api.ts";
import { quoted, type Violation } from "./violation.ts";

const dash = 45;

/** `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in lower case. A loop: three times as fast as a pattern. */
function isUuid(text: string): boolean {
  if (text.length !== 36) {
    return false;
  }
  for (let index = 0; index < 36; index += 1) {
    const code = text.charCodeAt(index);
    const isDashPlace = index === 8 || index === 13 || index === 18 || index === 23;
    const isHex = (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
    if (isDashPlace ? code !== dash : !isHex) {
      return false;
    }
  }
  return true;
}

/** One item of SubmitJobs in the engine's words, or undefined and why not. */
export function submitItemFromApi(
  item: ApiSubmitItem,
  owner: string,
  rules: SpecRules,
  violations: Violation[],
): SubmitItem | undefined {
  if (!isUuid(item.requestId)) {
    violations.push({
      field: "request_id",
      description: `found ${quoted(item.requestId)}, but a UUID in lower case is needed, a new one for each job`,
    });
  }
  if (item.spec === undefined) {
    violations.push({ field: "spec", description: "is not set; say what to run" });
    return undefined;
  }
  const spec = specFromApi(item.spec, rules, violations);
  return spec === undefined || violations.length > 0
    ? undefined
    : { requestId: item.requestId, bodyHash: bodyHash(owner, spec), spec };
}
