import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runProgram } from "../programs/run-program.ts";
import { TestWorld } from "../test-world.ts";
import type { Toolchain } from "../toolchain.ts";
import { engineEnvironment } from "./engine-environment.ts";

let world: TestWorld;
let stateDirectory: string;

beforeEach(() => {
  world = new TestWorld();
  stateDirectory = join(world.directory, "state");
});

afterEach(() => {
  world.remove();
});

function toolchain(plugin: string): Toolchain {
  return {
    binDirectory: world.binDirectory,
    configDirectories: {},
    parts: [
      {
        name: "pulumi-resource-kubernetes",
        kind: "stand-in",
        where: "repository",
        version: "4.32.0",
        path: plugin,
        without: "",
        note: undefined,
      },
    ],
  };
}

describe("the environment of the engine", () => {
  it("keeps everything in the state directory, and asks nobody", () => {
    const plugin = world.addProgram("plugin", "exit 0");
    const environment = engineEnvironment(toolchain(plugin), {
      stateDirectory,
      inherited: { PATH: "/usr/bin", PULUMI_ACCESS_TOKEN: "x", LANG: "C" },
      variables: { KUBECONFIG: "/k" },
    });
    expect(environment).toMatchObject({
      LANG: "C",
      KUBECONFIG: "/k",
      PULUMI_BACKEND_URL: `file://${join(stateDirectory, "stacks")}?metadata=skip`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
    expect(environment["PULUMI_ACCESS_TOKEN"]).toBeUndefined();
    expect(environment["PULUMI_HOME"]).toContain(stateDirectory);
    expect(statSync(join(stateDirectory, "stacks")).isDirectory()).toBe(true);
  });

  it("lets Node keep what it compiles, where the user's caches are or where somebody says", () => {
    const plugin = world.addProgram("plugin", "exit 0");
    const cacheOf = (inherited: NodeJS.ProcessEnv): string | undefined =>
      engineEnvironment(toolchain(plugin), { stateDirectory, inherited })["NODE_COMPILE_CACHE"];
    expect(cacheOf({ XDG_CACHE_HOME: "/caches" })).toBe("/caches/ertis/node-compile-cache");
    expect(cacheOf({ NODE_COMPILE_CACHE: "/mine" })).toBe("/mine");
  });

  it("has the Node of this repository first in PATH, then the toolchain", async () => {
    const plugin = world.addProgram("plugin", "exit 0");
    const environment = engineEnvironment(toolchain(plugin), {
      stateDirectory,
      inherited: { PATH: "/usr/bin:/bin" },
    });
    expect(environment["PATH"]?.split(":").slice(1)).toEqual([
      world.binDirectory,
      "/usr/bin",
      "/bin",
    ]);
    const node = await runProgram("/usr/bin/env", ["node", "--version"], { environment });
    expect(Number(/^v(\d+)/.exec(node.stdout)?.[1])).toBeGreaterThanOrEqual(24);
  });

  it("makes one passphrase, for its owner's eyes, and keeps it", () => {
    const plugin = world.addProgram("plugin", "exit 0");
    const read = (): string => {
      const environment = engineEnvironment(toolchain(plugin), { stateDirectory });
      const path = environment["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
      expect(statSync(path).mode & 0o777).toBe(0o600);
      return readFileSync(path, "utf8");
    };
    const first = read();
    expect(first.trim().length).toBeGreaterThanOrEqual(43);
    expect(read()).toBe(first);
  });

  it("installs the plugin under the version the engine asks for; it becomes the program itself", async () => {
    const plugin = world.addProgram("it's a plugin", 'echo "$$ $*"');
    const environment = engineEnvironment(toolchain(plugin), { stateDirectory });
    const installed = join(
      environment["PULUMI_HOME"] ?? "",
      "plugins/resource-kubernetes-v4.32.0/pulumi-resource-kubernetes",
    );
    const said = await runProgram(installed, ["127.0.0.1:1", "two words"]);
    expect(said.stdout).toMatch(/^\d+ 127\.0\.0\.1:1 two words\n$/);
  });
});
