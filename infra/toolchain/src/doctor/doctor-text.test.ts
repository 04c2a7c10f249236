import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestWorld } from "../test-world.ts";
import { doctorText } from "./doctor-text.ts";
import { lookAround } from "./look.ts";
import { tableLines } from "./table.ts";

let world: TestWorld;

beforeEach(() => {
  world = new TestWorld();
});

afterEach(() => {
  world.remove();
});

describe("what doctor says", () => {
  it("says of a bare machine what is missing, what that costs, and what to install", async () => {
    const text = doctorText(await lookAround(world.environment));
    expect(text).toMatch(/etcd +missing +- +missing +local clusters and real tests/);
    expect(text).toMatch(/kueue +open: shape not checked/);
    expect(text).toContain("programs are missing: pulumi, pulumi-language-nodejs, etcd");
    expect(text).toContain("Install Go 1.26 or newer");
  });

  it("says what is taken, and what was found and is not", async () => {
    world.addProgram("etcd", "echo 3.6.9");
    const kubectl = world.addProgram("kubectl", "echo v1.30.0");
    const text = doctorText(await lookAround(world.environment));
    expect(text).toMatch(/etcd +PATH +3\.6\.9 +real/);
    expect(text).toContain("kubectl: ");
    expect(text).toContain(kubectl);
  });

  it("names the controllers that are played, and fits a screen", async () => {
    const text = doctorText(await lookAround(world.environment));
    expect(text).toContain("local-world");
    expect(text).toMatch(/^ {2}baremetal-operator with Ironic {2,}/m);
    const tooLong = text
      .split("\n")
      .filter((line) => line.length > 100 && !line.includes(world.directory));
    expect(tooLong).toEqual([]);
  });
});

describe("a table", () => {
  it("goes on below its last column", () => {
    expect(
      tableLines(
        [
          ["a", "one two three"],
          ["long", "x"],
        ],
        16,
      ),
    ).toEqual(["  a     one two", "        three", "  long  x"]);
  });
});
