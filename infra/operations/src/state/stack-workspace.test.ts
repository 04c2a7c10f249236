import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { backUpState } from "./back-up-state.ts";
import { openWorkspace, stackKey } from "./stack-workspace.ts";
import type { StackWorkspace } from "./stack-workspace.ts";

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-workspace-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function open(
  config: Readonly<Record<string, string>>,
  backend = "file:///nowhere",
): StackWorkspace {
  return openWorkspace({
    project: "clusters",
    stack: "one",
    projectDirectory: directory,
    stateDirectory: join(directory, "state"),
    environment: { PULUMI_BACKEND_URL: backend },
    config,
  });
}

test("settings are the committed ones with those of the run, and keep what the engine wrote", () => {
  writeFileSync(
    join(directory, "Pulumi.one.yaml"),
    "config:\n  ertis:profile: production\n  a: b\n",
  );
  const { configFile } = open({ "ertis:profile": "local" });
  writeFileSync(configFile, `encryptionsalt: v1:abc\n${readFileSync(configFile, "utf8")}`);
  open({ "ertis:profile": "local", "ertis:hostsPerSite": "8" });
  const text = readFileSync(configFile, "utf8");
  expect(text).toContain("encryptionsalt: v1:abc");
  expect(text).toMatch(/ertis:profile: local\n\s+a: b\n\s+ertis:hostsPerSite: "8"/);
  expect(readdirSync(directory).toSorted()).toEqual(["Pulumi.one.yaml", "state"]);
});

test("a settings file that is no list of settings is refused by its name", () => {
  writeFileSync(join(directory, "Pulumi.one.yaml"), "- a\n");
  expect(() => open({})).toThrow(join(directory, "Pulumi.one.yaml"));
});

test("stacks of one name in two backends have nothing in common", () => {
  const [a, b] = [open({}, "file:///a"), open({}, "file:///b")];
  expect(a.configFile).not.toBe(b.configFile);
  expect(stackKey(a)).not.toBe(stackKey(b));
});

test("the engine writes no second files beside a state, and the settings stay where they were", () => {
  const [plain, again] = [open({}, "file:///a"), open({}, "file:///a?metadata=skip")];
  expect(plain.environment["PULUMI_BACKEND_URL"]).toBe("file:///a?metadata=skip");
  expect([again.configFile, stackKey(again)]).toEqual([plain.configFile, stackKey(plain)]);
  expect(plain.backendUrl).toBe("file:///a");
});

test("a state is copied with the time in its name, if there is one", () => {
  const backend = join(directory, "backend");
  const workspace = open({}, `file://${backend}`);
  expect(backUpState(workspace)).toBeUndefined();
  expect(existsSync(backend)).toBe(false);
  const stacks = join(backend, ".pulumi", "stacks", "clusters");
  rmSync(backend, { recursive: true, force: true });
  cpState(stacks);
  const copy = backUpState(workspace, new Date("2026-11-25T20:00:00.000Z"));
  expect(copy).toMatch(/one\.2026-11-25T200000\.000Z\.json$/);
  expect(readFileSync(copy ?? "", "utf8")).toBe("{}");
});

function cpState(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "one.json"), "{}");
}
