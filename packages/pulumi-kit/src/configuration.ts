import type { Infrastructure } from "@ertis/charts";
import { isStackSetting, stackSettings } from "@ertis/provisioning-model";
import { StackError } from "./stack-error.ts";

/** `production` protects what must not go; `local` is for clusters on one machine and protects nothing. */
export type Profile = "production" | "local";

/** What a stack may be told from outside. All else comes from the site files. */
export interface StackConfiguration {
  readonly profile: Profile;
  /** GPU hosts taken of each site's built halls; undefined takes all. Only in profile local. */
  readonly hostsPerSiteCount: number | undefined;
  /** Path of the management cluster's kubeconfig; undefined leaves it to KUBECONFIG. */
  readonly managementKubeconfig: string | undefined;
  /** `in-memory` writes clusters over machines that only Cluster API's test provider knows. Only local. */
  readonly infrastructure: Infrastructure;
}

const profiles: readonly [Profile, ...Profile[]] = ["production", "local"];
const infrastructures: readonly [Infrastructure, ...Infrastructure[]] = ["metal3", "in-memory"];

/**
 * Reads the stack's configuration, whose values are text. Keys of Pulumi itself pass; any other key
 * would have no effect, so it is refused. All problems are in one message.
 */
export function parseConfiguration(values: Readonly<Record<string, string>>): StackConfiguration {
  const problems = Object.keys(values)
    .filter((key) => !isStackSetting(key))
    .map((key) => `${key}: unknown key; allowed are ${stackSettings.join(", ")}`);
  const profile = parseChoice("ertis:profile", values["ertis:profile"], profiles, problems);
  const infrastructure = parseChoice(
    "ertis:infrastructure",
    values["ertis:infrastructure"],
    infrastructures,
    problems,
  );
  const hostsPerSiteCount = parseHostCount(values["ertis:hostsPerSite"], problems);
  const managementKubeconfig = values["ertis:managementKubeconfig"];
  if (managementKubeconfig === "") {
    problems.push("ertis:managementKubeconfig: is empty; write the path of a kubeconfig file");
  }
  if (profile === "production") {
    if (hostsPerSiteCount !== undefined) {
      problems.push(
        "ertis:hostsPerSite: only with ertis:profile local; in production a site has all its hosts",
      );
    }
    if (infrastructure !== "metal3") {
      problems.push(`ertis:infrastructure: ${infrastructure} only with ertis:profile local`);
    }
  }
  if (problems.length > 0) {
    throw new StackError(
      `${problems.length} ${problems.length === 1 ? "error" : "errors"} in the stack's configuration ` +
        `(put it right in the Pulumi.<stack>.yaml beside the program):\n  ${problems.join("\n  ")}`,
    );
  }
  return { profile, hostsPerSiteCount, managementKubeconfig, infrastructure };
}

/** The first choice is the default, also after an error. */
function parseChoice<Choice extends string>(
  key: string,
  text: string | undefined,
  choices: readonly [Choice, ...Choice[]],
  problems: string[],
): Choice {
  const choice = choices.find((name) => name === (text ?? choices[0]));
  if (choice === undefined) {
    problems.push(`${key}: "${text}" is unknown; allowed are ${choices.join(", ")}`);
  }
  return choice ?? choices[0];
}

function parseHostCount(text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    problems.push(`ertis:hostsPerSite: "${text}" is not a whole number from 1 to 999999`);
    return undefined;
  }
  return Number(text);
}
