import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtParts } from "../parts.ts";
import { TestWorld } from "../test-world.ts";
import { type BuildResult, buildToolchain } from "./build-toolchain.ts";

let world: TestWorld;
let lines: string[];

beforeEach(() => {
  world = new TestWorld();
  lines = [];
});

afterEach(() => {
  world.remove();
});

async function build(): Promise<BuildResult> {
  return buildToolchain({
    environment: world.environment,
    say: (line) => {
      lines.push(line);
    },
  });
}

function problems(result: BuildResult): string {
  return result.kind === "incomplete" ? result.problems.join("\n") : "";
}

function builds(): readonly string[] {
  return readFileSync(world.buildsPath, "utf8").trimEnd().split("\n");
}

describe("building", () => {
  it("says what to install where there is no Go, or one too old", async () => {
    expect(problems(await build())).toMatch(
      /^Missing: pulumi-language-nodejs, pulumi, .*\nThere is no Go in PATH. Install Go 1\.26.*\nOr put .* into PATH, .*pulumi\.com/,
    );
    world.addGo("1.24.4");
    expect(problems(await build())).toContain("is Go 1.24.4, too old. Install Go 1.26");
  });

  it("builds every program once, also when two run at once, and nothing a second time", async () => {
    world.addGo("1.26.8");
    await Promise.all([build(), build()]);
    expect(builds()).toHaveLength(builtParts.length);
    await build();
    expect(builds()).toHaveLength(builtParts.length);
  });

  it("says the seconds of every program", async () => {
    world.addGo("1.26.8");
    await build();
    expect(lines.filter((line) => /^ {2}kwokctl: \d+\.\d s, 0 MB$/.test(line))).toHaveLength(1);
  });

  it("shows the end of a failed build and where all of it is, and builds the others", async () => {
    world.addGo("1.26.8", "kube-scheduler");
    const result = await build();
    const text = problems(result);
    expect(text).toContain("kube-scheduler could not be made:\nline 1\nthe compiler says no\n");
    const logPath = /kube-scheduler could not[^]*?All of it: (\S+)/.exec(text)?.[1] ?? "";
    expect(readFileSync(logPath, "utf8")).toBe("line 1\nthe compiler says no\n");
    const missing = result.toolchain.parts.filter(
      ({ name, kind }) => kind === "missing" && builtParts.some((part) => part.name === name),
    );
    expect(missing.map(({ name }) => name)).toEqual(["kube-scheduler"]);
  });

  it("tries again after a failure", async () => {
    world.addGo("1.26.8", "kube-scheduler");
    await build();
    world.addGo("1.26.8");
    const { toolchain } = await build();
    expect(toolchain.parts.find(({ name }) => name === "kube-scheduler")?.where).toBe("cache");
  });
});
