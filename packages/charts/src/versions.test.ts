import { describe, expect, test } from "vitest";
import { plans } from "./test-plans.ts";
import { isTestedKubernetes, untestedKubernetes, versions } from "./versions.ts";

describe("the tested matrix", () => {
  test.each(["1.34.0", "1.34.9", "1.35.6", "v1.35.7", versions.kubernetes.newest])(
    "holds %s",
    (version) => {
      expect(untestedKubernetes(version)).toBeUndefined();
      expect(isTestedKubernetes(version)).toBe(true);
    },
  );

  test("refuses 1.36 because of Network Operator, and says what is allowed", () => {
    expect(untestedKubernetes("1.36.0")).toMatch(
      /Kubernetes 1\.36 is outside .* Network Operator is tested on Kubernetes 1\.31 to 1\.35 .* 1\.35\.6 and later/,
    );
  });

  test.each([
    ["1.35.5", /older than the tested patch/],
    ["1.33.9", /outside the tested set\. Allowed/],
    ["1.35", /is no Kubernetes version/],
    ["latest", /is no Kubernetes version/],
    ["2.0.0", /outside the tested set/],
  ])("refuses %s", (version, reason) => {
    expect(untestedKubernetes(version)).toMatch(reason);
    expect(isTestedKubernetes(version)).toBe(false);
  });

  test("holds every cluster of the repository's own sites", () => {
    const provisioned = plans.filter(({ mode }) => mode === "provisioned");
    for (const { name, kubernetesVersion } of provisioned.flatMap(({ clusters }) => clusters)) {
      expect(untestedKubernetes(kubernetesVersion), name).toBeUndefined();
    }
  });

  test("gives every version a source", () => {
    const pinned = [
      ...Object.values(versions.addons),
      ...Object.values(versions.providers),
      ...Object.values(versions.host),
      ...versions.kubernetes.series,
    ];
    expect(pinned.map(({ source }) => source).filter((source) => source.length < 5)).toEqual([]);
  });
});
