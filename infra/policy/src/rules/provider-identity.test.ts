import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import { kubernetesProviderType } from "../resource.ts";
import { resourceOf } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { providerIdentity } from "./provider-identity.ts";

function provider(name: string, clusterIdentifier: unknown) {
  const inputs = clusterIdentifier === undefined ? {} : { clusterIdentifier };
  return resourceOf(kubernetesProviderType, name, { inputs });
}

test.each([
  ["named", "management"],
  ["named by a value not known yet", unknownValue],
])("good: %s", (_, identifier) => {
  expect(providerIdentity.check(provider("management", identifier), smallFacts())).toEqual([]);
});

test.each([
  ["without identifier", "management", undefined, "has no clusterIdentifier"],
  ["with an empty one", "management", "", "has no clusterIdentifier"],
  ["the caller's own kubeconfig", "default_4_32_0", "x", "no provider of its own"],
])("bad: %s", (_, name, identifier, says) => {
  expect(providerIdentity.check(provider(name, identifier), smallFacts())).toEqual([
    expect.stringContaining(says),
  ]);
});
