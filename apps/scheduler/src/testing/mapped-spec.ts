import type { JobSpec as ApiJobSpec } from "@ertis/api";
import type { JobSpec } from "@ertis/scheduler-engine";
import { specFromApi } from "../mapping/spec-from-api.ts";
import type { Violation } from "../mapping/violation.ts";
import { specWith } from "./hub.ts";

export const specRules = { walltimeMsMax: 86_400_000 };

/** The spec as the engine gets it; one that is refused ends the test. */
export function mappedSpec(changes: Partial<ApiJobSpec>): JobSpec {
  const violations: Violation[] = [];
  const spec = specFromApi(specWith(changes), specRules, violations);
  if (spec === undefined) {
    throw new Error(JSON.stringify(violations));
  }
  return spec;
}
