import { limitHosts, mistakeText } from "@ertis/provisioning-model";
import type { SitePlan } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import { OperationProblem } from "../problem.ts";

/** All sites, with so many GPU hosts each; undefined takes all. */
export function readPlans(hostsPerSiteCount: number | undefined): readonly SitePlan[] {
  const read = loadPlans();
  if (read.kind === "errors") {
    const lines = read.errors.map(mistakeText);
    throw new OperationProblem(
      "usage",
      lines.length === 1
        ? lines.join("")
        : `${lines.length} mistakes in the site files:\n  ${lines.join("\n  ")}`,
      "put the files right and run again; nothing was changed",
    );
  }
  return hostsPerSiteCount === undefined
    ? read.plans
    : read.plans.map((plan) => limitHosts(plan, hostsPerSiteCount));
}
