import { expect, test } from "vitest";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { protection } from "./protection.ts";

const production = smallFacts();
const local = smallFacts({ profile: "local" });

const precious = [
  ["cluster.x-k8s.io/v1beta2", "Cluster"],
  ["cluster.x-k8s.io/v1beta2", "ClusterClass"],
  ["metal3.io/v1alpha1", "BareMetalHost"],
  ["postgresql.cnpg.io/v1", "Cluster"],
  ["v1", "Namespace"],
] as const;

function objectOf(apiVersion: string, kind: string, isProtected: boolean) {
  return kubernetesObject({ apiVersion, kind, metadata: { name: "x" } }, { isProtected });
}

test.each(precious)("good: a protected %s %s", (apiVersion, kind) => {
  expect(protection.check(objectOf(apiVersion, kind, true), production)).toEqual([]);
});

test.each(precious)("good: an unprotected %s %s in the local profile", (apiVersion, kind) => {
  expect(protection.check(objectOf(apiVersion, kind, false), local)).toEqual([]);
});

test.each(precious)("bad: an unprotected %s %s", (apiVersion, kind) => {
  const [message, ...others] = protection.check(objectOf(apiVersion, kind, false), production);
  expect(message).toContain(`${kind} x is not protected`);
  expect(message).toContain("protect: true");
  expect(others).toEqual([]);
});

test("good: what can be made again needs no protection", () => {
  expect(protection.check(objectOf("v1", "ConfigMap", false), production)).toEqual([]);
});
