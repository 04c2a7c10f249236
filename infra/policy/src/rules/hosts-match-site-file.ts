import { annotationNames, labelNames } from "@ertis/provisioning-model";
import type { Host } from "@ertis/provisioning-model";
import { locate } from "../facts.ts";
import type { Facts } from "../facts.ts";
import { at, numberAt, textAt, unknownValue } from "../fields.ts";
import { describe, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/**
 * Power is summed over the site file, so the objects must say what it says: a host with other watts, or
 * on another feed, would make that sum a different one.
 */
function check(resource: Resource, facts: Facts): readonly string[] {
  if (!isKind(resource, "metal3.io", "BareMetalHost") || facts.cluster === undefined) {
    return [];
  }
  const name = textAt(resource.inputs, "metadata", "name");
  const host = facts.cluster.hosts.find((one) => one.name === name);
  if (host === undefined) {
    const where = locate(facts.cluster.hall.source);
    return [
      `${describe(resource)} is no host of hall ${facts.cluster.name}, so nobody counts its watts. Describe it in the site file (${where}) or take it out of the program.`,
    ];
  }
  return compare(resource, host);
}

function compare(resource: Resource, host: Host): readonly string[] {
  const metadata = at(resource.inputs, "metadata");
  const isOf = (name: string) => ["metadata", "labels", name] as const;
  const notes = (name: string) => ["metadata", "annotations", name] as const;
  const differences: readonly (string | undefined)[] = [
    differs(resource, notes(annotationNames.ratedWatts), host.ratedWatts),
    differs(resource, notes(annotationNames.idleWatts), host.idleWatts),
    differs(resource, isOf(labelNames.powerFeed), host.powerFeed),
    differs(resource, isOf(labelNames.failureDomain), host.powerFeed),
    differs(resource, isOf(labelNames.role), host.role),
    differs(resource, ["spec", "bootMACAddress"], host.bootMac),
    differs(resource, ["spec", "bmc", "address"], host.bmcAddress),
  ];
  if (metadata === unknownValue) {
    return [];
  }
  return differences
    .filter((difference) => difference !== undefined)
    .map((difference) => `${describe(resource)}: ${difference}. See ${locate(host.source)}.`);
}

function differs(
  resource: Resource,
  path: readonly string[],
  wanted: string | number,
): string | undefined {
  const found = at(resource.inputs, ...path);
  const isSame =
    typeof wanted === "number"
      ? numberAt(resource.inputs, ...path) === wanted
      : textAt(resource.inputs, ...path) === wanted;
  if (found === unknownValue || isSame) {
    return undefined;
  }
  const shown = typeof found === "string" || typeof found === "number" ? `${found}` : "missing";
  return `${path.at(-1) ?? ""} is ${shown}, the site files say ${wanted}`;
}

export const hostsMatchSiteFile: ResourceRule = {
  kind: "resource",
  name: "hosts-match-site-file",
  description:
    "A host has the watts, the feed, the MAC and the BMC address that the site files give it.",
  check,
};
