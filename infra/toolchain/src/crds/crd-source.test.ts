import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestWorld } from "../test-world.ts";
import { isFinal } from "./collect-definitions.ts";
import { crdSource, moduleFolder } from "./crd-source.ts";
import { writeDefinitions } from "./definition-files.ts";
import { crdFamilies, definitionsOf } from "./families.ts";
import { openKinds } from "./open-kinds.ts";

let world: TestWorld;

beforeEach(() => {
  world = new TestWorld();
});

afterEach(() => {
  world.remove();
});

const jobSet = `
kind: CustomResourceDefinition
metadata: { name: jobsets.jobset.x-k8s.io }
spec:
  versions: [{ name: v1alpha2, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
`;

function giveDirectory(): string {
  const directory = join(world.directory, "crds", "jobset");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "jobset.x-k8s.io_jobsets.yaml"), jobSet);
  writeFileSync(join(directory, "kustomization.yaml"), "resources: []");
  return directory;
}

function names(directory: string): readonly string[] {
  const file = readdirSync(directory).find((name) => name.endsWith(".json")) ?? "";
  const list = JSON.parse(readFileSync(join(directory, file), "utf8")) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  return list.items.map(({ metadata }) => metadata.name);
}

describe("the source of definitions", () => {
  it("is open where there is neither module nor directory: all kinds, no shape", () => {
    for (const family of crdFamilies) {
      const source = crdSource(family, world.environment);
      expect(source.kind).toBe("open");
      expect(names(source.directory)).toEqual(
        openKinds(family).map(({ plural, group }) => `${plural}.${group}`),
      );
    }
  });

  it("is the directory where it has the family, and follows its changes", () => {
    const given = giveDirectory();
    const first = crdSource("jobset", world.environment);
    expect(first.kind).toBe("directory");
    expect(names(first.directory)).toEqual(["jobsets.jobset.x-k8s.io"]);
    writeFileSync(join(given, "more.yaml"), jobSet.replace("jobsets.", "others."));
    const second = crdSource("jobset", world.environment);
    expect(names(second.directory)).toEqual(["jobsets.jobset.x-k8s.io", "others.jobset.x-k8s.io"]);
  });

  it("is the module before the directory, once it is collected", () => {
    const given = giveDirectory();
    const root = world.environment["ERTIS_TOOLCHAIN_DIR"] ?? "";
    const folder = moduleFolder(root, definitionsOf("jobset")) ?? "";
    writeDefinitions(folder, [join(given, "jobset.x-k8s.io_jobsets.yaml")], "none");
    expect(crdSource("jobset", world.environment)).toEqual({ kind: "module", directory: folder });
  });
});

describe("a refusal", () => {
  it.each([
    ["reading https://proxy/x.info: 403 Forbidden\n\tserver response", true],
    ["verifying go.mod: 404 Not Found", true],
    ["dial tcp: lookup proxy: no such host", false],
    ["net/http: TLS handshake timeout", false],
  ])("%s: final %s", (message, expected) => {
    expect(isFinal(message)).toBe(expected);
  });
});
