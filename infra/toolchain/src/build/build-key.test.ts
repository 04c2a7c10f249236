import { describe, expect, it } from "vitest";
import { buildFlags, familyFolder, familyKey } from "./build-key.ts";
import { families, type Family, readModuleFiles, requiredVersion, versionOf } from "./families.ts";

const machine = { platform: "linux", architecture: "x64" } as const;

function familyCalled(name: string): Family {
  const found = families.find((family) => family.name === name);
  if (found === undefined) {
    throw new Error(`no family ${name}`);
  }
  return found;
}

describe("the key of what is built", () => {
  const kwok = familyCalled("kwok");
  const files = readModuleFiles("kwok");
  const key = familyKey(kwok, files, machine);

  it("is the same for the same", () => {
    expect(familyKey(kwok, { ...files }, { ...machine })).toBe(key);
    expect(familyFolder(key, "1.26.8")).toMatch(/^kwok-[0-9a-f]{16}-go1\.26\.8$/);
  });

  it.each([
    ["go.mod", familyKey(kwok, { ...files, goMod: `${files.goMod}\n` }, machine)],
    ["go.sum", familyKey(kwok, { ...files, goSum: `${files.goSum}\n` }, machine)],
    ["a flag", familyKey({ ...kwok, tags: ["extra"] }, files, machine)],
    ["the programs", familyKey({ ...kwok, binaries: kwok.binaries.slice(1) }, files, machine)],
    ["the architecture", familyKey(kwok, files, { ...machine, architecture: "arm64" })],
    ["the system", familyKey(kwok, files, { ...machine, platform: "darwin" })],
  ])("changes with %s", (_, changed) => {
    expect(changed).not.toBe(key);
  });
});

describe("versions", () => {
  it("come from go.mod and nowhere else", () => {
    const kubernetes = familyCalled("kubernetes");
    const files = readModuleFiles("kubernetes");
    const versions = kubernetes.binaries.map((binary) => versionOf(kubernetes, binary, files));
    const version = requiredVersion(files.goMod, "k8s.io/kubernetes");
    expect(versions).toEqual([
      requiredVersion(files.goMod, "go.etcd.io/etcd/server/v3"),
      ...Array.from({ length: 4 }, () => version),
    ]);
    expect(buildFlags(kubernetes, files).at(-1)).toContain(
      `-X k8s.io/component-base/version.gitVersion=${version} `,
    );
  });

  it("are read from a block, from a line of its own, and not from a replacement", () => {
    const goMod = [
      "module m",
      "require example.kz/one v1.0.0",
      "require (",
      "\texample.kz/two v2.1.0 // indirect",
      ")",
      "replace example.kz/three => example.kz/three v3.0.0",
    ].join("\n");
    expect(requiredVersion(goMod, "example.kz/one")).toBe("v1.0.0");
    expect(requiredVersion(goMod, "example.kz/two")).toBe("v2.1.0");
    expect(() => requiredVersion(goMod, "example.kz/three")).toThrow("go.mod requires no");
  });
});
