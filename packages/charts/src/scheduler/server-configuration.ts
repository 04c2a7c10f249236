import type { SitePlan } from "@ertis/provisioning-model";
import { stringify } from "yaml";
import type { Project } from "../queues/projects.ts";
import { serverNames, serverPaths } from "./names.ts";

/** A site file as it is written, for the server to read. */
export interface SiteText {
  readonly siteId: string;
  readonly text: string;
}

/**
 * `ertis.yaml` without people, who come from the secret store. Everything that is not said keeps the
 * server's own default, which has its reason beside it.
 *
 * It names no clusters: those of the configuration are simulated, and nothing simulated runs here.
 */
export function serverConfigurationText(
  plans: readonly SitePlan[],
  projects: readonly Project[],
): string {
  return stringify({
    listen: `0.0.0.0:${serverNames.port}`,
    data: `${serverPaths.data}/log`,
    clock: "real",
    sites: plans.map(({ site }) => ({
      file: `${serverPaths.sites}/${site.id}.yaml`,
      phases: "built",
    })),
    projects: projects.map(({ name }) => name),
    tls: {
      certificate: `${serverPaths.tls}/tls.crt`,
      key: `${serverPaths.tls}/tls.key`,
      clientAuthority: `${serverPaths.tls}/ca.crt`,
    },
  });
}

/** The file that the secret store fills; its one top-level key is `people`. */
export const peopleFile = "people.yaml";
export const configurationFile = "ertis.yaml";

/**
 * Puts configuration and people together in memory before the server starts. The image has no shell,
 * and needs none: Node is there.
 */
export function joinScript(): string {
  const read = (path: string): string => `fs.readFileSync(${JSON.stringify(path)}, "utf8")`;
  return [
    'const fs = require("node:fs");',
    `const text = ${read(`${serverPaths.configuration}/${configurationFile}`)};`,
    `const people = ${read(`${serverPaths.people}/${peopleFile}`)};`,
    `fs.writeFileSync("${serverPaths.run}/${configurationFile}", text + "\\n" + people, { mode: 0o600 });`,
  ].join("\n");
}
