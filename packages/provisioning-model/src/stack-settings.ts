/** What a stack may be told by its settings. All else comes from the site files. */
export const stackSettings = [
  "ertis:profile",
  "ertis:hostsPerSite",
  "ertis:managementKubeconfig",
  "ertis:infrastructure",
] as const;

/** Pulumi's own settings pass; any other key would have no effect. */
export function isStackSetting(key: string): boolean {
  return key.startsWith("pulumi:") || stackSettings.some((allowed) => allowed === key);
}
