import { annotationNames, labelNames } from "@ertis/provisioning-model";
import type { Host } from "@ertis/provisioning-model";
import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { hostsMatchSiteFile } from "./hosts-match-site-file.ts";

const facts = smallFacts();

function firstGpuHost(): Host {
  const host = facts.cluster?.hosts.find(({ role }) => role === "gpu");
  if (host === undefined) {
    throw new Error("the small site has GPU hosts");
  }
  return host;
}

const host = firstGpuHost();

interface Changes {
  readonly name?: string;
  readonly labels?: Fields;
  readonly annotations?: Fields;
  readonly spec?: Fields;
}

function bareMetalHost(changes: Changes) {
  return kubernetesObject({
    apiVersion: "metal3.io/v1alpha1",
    kind: "BareMetalHost",
    metadata: {
      name: changes.name ?? host.name,
      namespace: "small-s1-h1",
      labels: {
        [labelNames.powerFeed]: host.powerFeed,
        [labelNames.failureDomain]: host.powerFeed,
        [labelNames.role]: host.role,
        ...changes.labels,
      },
      annotations: {
        [annotationNames.ratedWatts]: "10200",
        [annotationNames.idleWatts]: "2500",
        ...changes.annotations,
      },
    },
    spec: { bmc: { address: host.bmcAddress }, bootMACAddress: host.bootMac, ...changes.spec },
  });
}

test.each<[string, Changes]>([
  ["as in the site file", {}],
  ["watts not known yet", { annotations: { [annotationNames.ratedWatts]: unknownValue } }],
  ["MAC not known yet", { spec: { bootMACAddress: unknownValue } }],
])("good: %s", (_, changes) => {
  expect(hostsMatchSiteFile.check(bareMetalHost(changes), facts)).toEqual([]);
});

test.each<[string, Changes, string]>([
  [
    "other watts",
    { annotations: { [annotationNames.ratedWatts]: "14300" } },
    "ertis.kz/rated-watts is 14300, the site files say 10200. See infra/sites/",
  ],
  [
    "no watts",
    { annotations: { [annotationNames.ratedWatts]: undefined } },
    "ertis.kz/rated-watts is missing, the site files say 10200",
  ],
  [
    "another feed",
    { labels: { [labelNames.failureDomain]: "feed-9" } },
    "failure-domain is feed-9, the site files say feed-1",
  ],
  [
    "another MAC",
    { spec: { bootMACAddress: "02:00:00:00:00:99" } },
    "bootMACAddress is 02:00:00:00:00:99",
  ],
  ["a host nobody described", { name: "stray" }, "is no host of hall small-s1-h1"],
])("bad: %s", (_, changes, says) => {
  const [message, ...others] = hostsMatchSiteFile.check(bareMetalHost(changes), facts);
  expect(message).toContain(says);
  expect(message).toMatch(/infra\/sites\/.*\.yaml:\d+/);
  expect(others).toEqual([]);
});
