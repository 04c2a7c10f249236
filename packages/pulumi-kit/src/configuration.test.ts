import { expect, test } from "vitest";
import { parseConfiguration } from "./configuration.ts";

test("without configuration a stack is a production stack of real hosts", () => {
  expect(parseConfiguration({ "pulumi:disable-default-providers": "[]" })).toEqual({
    profile: "production",
    hostsPerSiteCount: undefined,
    managementKubeconfig: undefined,
    infrastructure: "metal3",
  });
});

test("a local stack may be small and without hardware", () => {
  expect(
    parseConfiguration({
      "ertis:profile": "local",
      "ertis:hostsPerSite": "32",
      "ertis:infrastructure": "in-memory",
      "ertis:managementKubeconfig": "/tmp/k.yaml",
    }),
  ).toEqual({
    profile: "local",
    hostsPerSiteCount: 32,
    managementKubeconfig: "/tmp/k.yaml",
    infrastructure: "in-memory",
  });
});

test.each([
  [{ "ertis:profle": "local" }, /^1 error .*ertis:profle: unknown key; allowed are ertis:profile/s],
  [{ "clusters:size": "3" }, /clusters:size: unknown key; allowed are/],
  [{ "kubernetes:context": "other" }, /kubernetes:context: unknown key/],
  [{ "ertis:profile": "dev" }, /"dev" is unknown; allowed are production, local/],
  [{ "ertis:profile": "local", "ertis:hostsPerSite": "0" }, /"0" is not a whole number from 1/],
  [{ "ertis:profile": "local", "ertis:hostsPerSite": "1e3" }, /"1e3" is not a whole number/],
  [{ "ertis:hostsPerSite": "8" }, /hostsPerSite: only with ertis:profile local/],
  [{ "ertis:infrastructure": "in-memory" }, /in-memory only with ertis:profile local/],
  [{ "ertis:managementKubeconfig": "" }, /managementKubeconfig: is empty/],
])("%o is refused with what is allowed", (values, message) => {
  expect(() => parseConfiguration(values)).toThrow(message);
});

test("all problems are in one message", () => {
  expect(() => parseConfiguration({ "a:b": "1", "ertis:profile": "x", "ertis:c": "2" })).toThrow(
    /^3 errors/,
  );
});
