/** Small sites for tests, also of other packages: `@ertis/provisioning-model/testing`. */
import { parsePlans } from "./parse-plans.ts";
import type { SitePlan } from "./plan.ts";
import type { FileText } from "./site-draft.ts";
import type { SiteFiles } from "./site-files.ts";

/** Two built halls and one that is not, each with three rows of two racks of two nodes. */
export const siteText: string = `site: small
title: A small site
nodeClasses:
  h100-8:
    gpuModel: H100-SXM-80GB
    gpuCount: 8
    idle: 2.5 kW
    peak: 10.2 kW
    partUse: share
    source: assumption
phases:
  - {name: first, built: true}
  - {name: second, built: false}
templates:
  rack-a:
    kind: rack
    supplies: 2 × 25 kW
    redundancy: 2N
    nodes: 2 × h100-8
    source: assumption
  row-a:
    kind: row
    supplies: 2 × 60 kW
    redundancy: 2N
    derating: 0.8
    networkPerNode: 930 W
    racks: 2 × rack-a
    source: assumption
  hall-a:
    kind: hall
    supplies: 3 × 75 kW
    redundancy: N+1
    fixed: 2 kW
    rows: 3 × row-a
    source: assumption
feed:
  limit: 1 MW
  fixed: 5 kW
  source: assumption
  substations:
    - name: substation-1
      supplies: 3 × 250 kW
      redundancy: N+1
      loadFactor: 1.25
      fixed: 1 kW
      source: assumption
      halls:
        - {names: hall-1..hall-2, phase: first, template: hall-a}
        - {name: hall-3, phase: second, template: hall-a}
`;

/** What a provisioning file must say of a small site, whatever its halls are. */
export const provisioningBase: string = `site: small
mode: provisioned
registry: registry.small.ertis.kz
allowedDomains: [.ertis.kz]
kubernetesVersion: 1.35.6
hostImage:
  url: https://images.small.ertis.kz/node.raw
  sha256: ${"5e".repeat(32)}
  source: assumption
networks:
  bmc: {block: 10.10.0.0/20, prefixPerHall: 24}
  hosts: {block: 10.20.0.0/20, prefixPerHall: 24}
  pods: {block: 10.32.0.0/12, prefixPerHall: 16}
  services: {block: 10.64.0.0/16, prefixPerHall: 20}
  source: assumption
rootDevices:
  management: {minSizeGigabytes: 400, rotational: false}
  gpu: {minSizeGigabytes: 800, rotational: false}
  source: assumption
halls:
  - {controlPlaneHosts: 3, storageHosts: 2, rowsPerFeed: 1, source: assumption}
`;

export const provisioningText: string = `${provisioningBase}oversubscription:
  - {kind: hall, ratio: 1.1, source: assumption}
clusters:
  small-s1-h2: {kubernetesVersion: 1.34.9}
hostStates:
  small-s1-h1-r2-k1-n1: repair
`;

const siteFile = "infra/sites/small.yaml";
const provisioningFile = "infra/sites/provisioning/small.yaml";

/** The text with the first `find` replaced. @throws when it is not there. */
export function replaced(text: string, find: string, replacement: string): string {
  if (!text.includes(find)) {
    throw new Error(`the text has no ${JSON.stringify(find)}`);
  }
  return text.replace(find, () => replacement);
}

export interface SmallSite {
  readonly site?: string;
  readonly provisioning?: string;
  readonly deliveries?: readonly FileText[];
}

export function smallFiles(small: SmallSite = {}): SiteFiles {
  return {
    siteFile: { file: siteFile, text: small.site ?? siteText },
    provisioningFile: { file: provisioningFile, text: small.provisioning ?? provisioningText },
    deliveries: small.deliveries ?? [],
  };
}

/** Another site with networks of its own, named `other`. */
export function otherFiles(): SiteFiles {
  return {
    siteFile: { file: "infra/sites/other.yaml", text: replaced(siteText, "small", "other") },
    provisioningFile: {
      file: "infra/sites/provisioning/other.yaml",
      text: provisioningText
        .replaceAll("small", "other")
        .replace("10.10.", "10.11.")
        .replace("10.20.", "10.21.")
        .replace("10.32.", "10.48.")
        .replace("10.64.", "10.65."),
    },
    deliveries: [],
  };
}

export function delivery(cluster: string, lines: string): FileText {
  return {
    file: `infra/sites/deliveries/${cluster}.yaml`,
    text: `cluster: ${cluster}\nhosts:\n${lines}`,
  };
}

/** @throws with the mistakes when the files are refused. */
export function plansOf(...files: readonly SiteFiles[]): readonly SitePlan[] {
  const result = parsePlans(files);
  if (result.kind === "errors") {
    throw new Error(errorLines(...files).join("\n"));
  }
  return result.plans;
}

/** The plan of the small site. @throws with the mistakes when its files are refused. */
export function smallPlan(small: SmallSite = {}): SitePlan {
  return itemAt(plansOf(smallFiles(small)), 0);
}

/** The mistakes as `file:line:column path: message`, files without their directory. */
export function errorLines(...files: readonly SiteFiles[]): readonly string[] {
  const result = parsePlans(files);
  return result.kind === "plans"
    ? []
    : result.errors.map(
        ({ file, line, column, path, message }) =>
          `${file.replace("infra/sites/", "")}:${line}:${column} ${path}: ${message}`,
      );
}

/** @throws RangeError when there is no such item. */
export function itemAt<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) {
    throw new RangeError(`no item ${index} among ${list.length}`);
  }
  return item;
}
