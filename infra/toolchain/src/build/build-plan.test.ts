import { describe, expect, it } from "vitest";
import type { FamilyPlace } from "../find-toolchain.ts";
import { builtParts, type Part } from "../parts.ts";
import { planBuild, stepName } from "./build-plan.ts";
import { families } from "./families.ts";

const places: readonly FamilyPlace[] = families.map((family) => ({
  family,
  files: { goMod: "", goSum: "" },
  directory: `/cache/${family.name}`,
}));

function partsWithout(...missing: readonly string[]): readonly Part[] {
  return builtParts.map(({ name, without }) => ({
    name,
    without,
    kind: missing.includes(name) ? "missing" : "real",
    where: missing.includes(name) ? "missing" : "PATH",
    version: undefined,
    path: undefined,
    note: undefined,
  }));
}

describe("the plan of builds", () => {
  it("is empty where all is there", () => {
    expect(planBuild(places, partsWithout(), () => true)).toEqual([]);
  });

  it("builds what is missing and nothing that PATH has", () => {
    const steps = planBuild(places, partsWithout("kueue", "etcd"), () => true);
    expect(steps.map(stepName)).toEqual(["etcd", "kueue"]);
  });

  it("takes the manifests of modules last, when the builds have brought the modules", () => {
    const steps = planBuild(places, partsWithout("capi-dev"), () => false);
    expect(steps.map(stepName)).toEqual([
      "capi-dev",
      "manifests of cluster-api",
      "manifests of cluster-api-test",
      "manifests of kueue",
    ]);
  });

  it("knows how to build every part it names", () => {
    const everything = planBuild(
      places,
      partsWithout(...builtParts.map(({ name }) => name)),
      () => true,
    );
    expect(everything.map(stepName).toSorted()).toEqual(
      builtParts.map(({ name }) => name).toSorted(),
    );
  });
});
