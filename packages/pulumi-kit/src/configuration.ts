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
}

const profiles: readonly Profile[] = ["production", "local"];
const allowedKeys = ["ertis:profile", "ertis:hostsPerSite", "ertis:managementKubeconfig"] as const;

/**
 * Reads the stack's configuration, whose values are text. Keys of Pulumi itself pass; any other key
 * would have no effect, so it is refused. All problems are in one message.
 */
export function parseConfiguration(values: Readonly<Record<string, string>>): StackConfiguration {
  const problems = Object.keys(values)
    .filter((key) => !isAllowed(key))
    .map((key) => `${key}: unknown key; allowed are ${allowedKeys.join(", ")}`);
  const profile = parseProfile(values["ertis:profile"], problems);
  const hostsPerSiteCount = parseHostCount(values["ertis:hostsPerSite"], problems);
  const managementKubeconfig = values["ertis:managementKubeconfig"];
  if (managementKubeconfig === "") {
    problems.push("ertis:managementKubeconfig: is empty; write the path of a kubeconfig file");
  }
  if (hostsPerSiteCount !== undefined && profile === "production") {
    problems.push(
      "ertis:hostsPerSite: only with ertis:profile local; in production a site has all its hosts",
    );
  }
  if (problems.length > 0) {
    throw new StackError(
      `${problems.length} ${problems.length === 1 ? "error" : "errors"} in the stack's configuration ` +
        `(change it with pulumi config set, or pulumi config rm):\n  ${problems.join("\n  ")}`,
    );
  }
  return { profile, hostsPerSiteCount, managementKubeconfig };
}

function isAllowed(key: string): boolean {
  return key.startsWith("pulumi:") || allowedKeys.some((allowed) => allowed === key);
}

function parseProfile(text: string | undefined, problems: string[]): Profile {
  const profile = profiles.find((name) => name === (text ?? "production"));
  if (profile === undefined) {
    problems.push(`ertis:profile: "${text}" is unknown; allowed are ${profiles.join(", ")}`);
    return "production";
  }
  return profile;
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
