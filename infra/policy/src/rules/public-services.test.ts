import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { publicServices } from "./public-services.ts";

function service(spec: Fields) {
  const metadata = { name: "ertis", namespace: "ertis-system" };
  return kubernetesObject({ apiVersion: "v1", kind: "Service", metadata, spec });
}

test.each<[string, Fields]>([
  ["inside the cluster", { type: "ClusterIP" }],
  ["the default type", {}],
  ["an alias", { type: "ExternalName", externalName: "db.pavlodar.ertis.kz" }],
  ["a type not known yet", { type: unknownValue }],
])("good: %s", (_, spec) => {
  expect(publicServices.check(service(spec), smallFacts())).toEqual([]);
});

test.each<[string, Fields, string]>([
  ["a load balancer", { type: "LoadBalancer" }, "is of type LoadBalancer"],
  ["a port on every node", { type: "NodePort" }, "is of type NodePort"],
  ["addresses of its own", { externalIPs: ["203.0.113.7"] }, "has externalIPs"],
])("bad: %s", (_, spec, says) => {
  const [message, ...others] = publicServices.check(service(spec), smallFacts());
  expect(message).toContain(`Service ertis-system/ertis ${says}`);
  expect(others).toEqual([]);
});
