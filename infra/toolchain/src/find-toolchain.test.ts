import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { familyPlaces, findToolchain } from "./find-toolchain.ts";
import type { Part } from "./parts.ts";
import { TestWorld } from "./test-world.ts";
import { missingParts, programPath } from "./toolchain.ts";

let world: TestWorld;

beforeEach(() => {
  world = new TestWorld();
});

afterEach(() => {
  world.remove();
});

async function find(name: string): Promise<Part | undefined> {
  const { parts } = await findToolchain(world.environment);
  return parts.find((part) => part.name === name);
}

function build(family: string, name: string, goVersion: string): string {
  const places = familyPlaces(world.environment["ERTIS_TOOLCHAIN_DIR"] ?? "", {
    kind: "go",
    path: "/go",
    version: goVersion,
  });
  const directory = places.find((place) => place.family.name === family)?.directory ?? "";
  mkdirSync(join(directory, "bin"), { recursive: true });
  const path = join(directory, "bin", name);
  writeFileSync(path, "");
  chmodSync(path, 0o755);
  return path;
}

describe("where a part is taken from", () => {
  it("is PATH where the version is accepted", async () => {
    const path = world.addProgram("kubectl", 'echo "Client Version: v1.36.0"');
    expect(await find("kubectl")).toMatchObject({
      kind: "real",
      where: "PATH",
      version: "1.36.0",
      path,
      note: undefined,
    });
  });

  it("is not PATH where the version is another, which is said", async () => {
    const path = world.addProgram("kubectl", 'echo "Client Version: v1.32.4-dispatcher"');
    expect(await find("kubectl")).toMatchObject({
      kind: "missing",
      note: `${path} is 1.32.4-dispatcher, not 1.36.3`,
    });
  });

  it("is a later folder of PATH where the first has a wrong one", async () => {
    world.addProgram("kwok", "echo v0.7.0");
    const second = join(world.directory, "second");
    const path = world.addProgram("kwok", "echo v0.8.1", second);
    world.environment["PATH"] = `${world.binDirectory}:${second}`;
    expect(await find("kwok")).toMatchObject({ where: "PATH", path });
  });

  it("is the cache after a build, for the Go that built it", async () => {
    world.addGo("1.26.8");
    const path = build("kwok", "kwok", "1.26.8");
    expect(await find("kwok")).toMatchObject({ where: "cache", path, version: "0.8.0" });
    world.addGo("1.26.9");
    expect(await find("kwok")).toMatchObject({ kind: "missing" });
  });

  it("is the cache also on a machine that has no Go, or one too old", async () => {
    const path = build("kwok", "kwok", "1.26.8");
    expect(await find("kwok")).toMatchObject({ where: "cache", path });
    world.addGo("1.24.1");
    expect(await find("kwok")).toMatchObject({ where: "cache", path });
  });

  it("is beside the engine for the language host, where the engine of PATH is taken", async () => {
    world.addProgram("pulumi-language-nodejs", "exit 2");
    expect(await find("pulumi-language-nodejs")).toMatchObject({ kind: "missing" });
    world.addProgram("pulumi", "echo v3.259.1");
    expect(await find("pulumi-language-nodejs")).toMatchObject({
      where: "PATH",
      version: "3.259.1",
    });
  });
});

describe("the Kubernetes plugin", () => {
  const installed = (): string =>
    join(world.directory, "pulumi/plugins/resource-kubernetes-v4.32.0");

  it("is the real one where the user's Pulumi has it", async () => {
    const path = world.addProgram("pulumi-resource-kubernetes", "exit 1", installed());
    expect(await find("pulumi-resource-kubernetes")).toMatchObject({
      kind: "real",
      where: "plugins",
      path,
    });
  });

  it("is not real where the folder holds what this toolchain has put there", async () => {
    world.addProgram("pulumi-resource-kubernetes", "# written by Ertis\nexec x", installed());
    expect(await find("pulumi-resource-kubernetes")).not.toMatchObject({ where: "plugins" });
  });

  it("is not taken from PATH in another version, which is said", async () => {
    world.addProgram("pulumi-resource-kubernetes", "echo 4.30.0");
    const part = await find("pulumi-resource-kubernetes");
    expect(part?.kind).not.toBe("real");
    expect(part?.note).toContain("is 4.30.0, not 4.32.0");
  });
});

describe("a toolchain", () => {
  it("has one folder with a link for every program that is there", async () => {
    world.addProgram("etcd", "echo 3.6.8");
    const { binDirectory } = await findToolchain(world.environment);
    expect(readdirSync(binDirectory)).toEqual(["etcd"]);
    expect(existsSync(join(binDirectory, "etcd"))).toBe(true);
  });

  it("gives a reason to skip that names what is missing and how to get it", async () => {
    world.addProgram("etcd", "echo 3.6.8");
    const toolchain = await findToolchain(world.environment);
    expect(missingParts(toolchain, ["etcd"])).toBeUndefined();
    expect(missingParts(toolchain, ["etcd", "kwok", "kueue"])).toBe(
      "needs kwok, kueue: run `npm run toolchain`",
    );
    expect(() => programPath(toolchain, "kwok")).toThrow("kwok is missing");
  });
});
