import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requireSettings, settingsFileOf, settingsProblems } from "./check-settings.ts";

const file = "infra/clusters/Pulumi.one.yaml";

test("known settings, Pulumi's own and those of secrets pass", () => {
  const text = [
    "encryptionsalt: v1:abc",
    "config:",
    "  ertis:profile: local",
    "  ertis:hostsPerSite: 8",
    "  pulumi:disable-default-providers: ['*']",
  ].join("\n");
  expect(settingsProblems(file, text)).toEqual([]);
  expect(settingsProblems(file, "")).toEqual([]);
  expect(settingsProblems(file, "config:\n")).toEqual([]);
});

test.each([
  [
    "config:\n  ertis:profile: local\n  ertis:hostPerSite: 8\n",
    `${file}:3: unknown key "ertis:hostPerSite"; the nearest is ertis:hostsPerSite`,
  ],
  [
    "config:\n  hostsPerSite: 8\n",
    `${file}:2: unknown key "hostsPerSite"; the nearest is ertis:hostsPerSite`,
  ],
  [
    "config:\n  clusters:infrastructur: metal3\n",
    `${file}:2: unknown key "clusters:infrastructur"; the nearest is ertis:infrastructure`,
  ],
  ["\nconfg:\n  a: b\n", `${file}:2: unknown key "confg"; the nearest is config`],
  ["- a\n", `${file}:1: not a list of settings`],
  ["config: [a]\n", `${file}: config is not a list of settings`],
  [
    "config:\n  ertis:profile: local\n  ertis:profile: production\n",
    `${file}:3: not readable as YAML: Map keys must be unique`,
  ],
])("%o names the line and the nearest key", (text, problem) => {
  expect(settingsProblems(file, text)).toEqual([problem]);
});

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-check-settings-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("all files of all stacks are told at once, with what is allowed; absent ones are no mistake", () => {
  const files = ["one", "two", "three"].map((stack) =>
    settingsFileOf(directory, { project: "clusters", stack }),
  );
  expect(() => requireSettings(files)).not.toThrow();
  mkdirSync(join(directory, "clusters"));
  for (const { path } of files.slice(0, 2)) {
    writeFileSync(path, "config:\n  ertis:sise: 3\n");
  }
  expect(() => requireSettings(files)).toThrow(
    expect.objectContaining({
      exitCode: 64,
      message: expect.stringMatching(
        /^2 mistakes.*\n {2}infra\/clusters\/Pulumi\.one\.yaml:2: .*\n {2}infra\/clusters\/Pulumi\.two\.yaml:2: /,
      ),
      advice: expect.stringContaining("allowed are ertis:profile, ertis:hostsPerSite"),
    }),
  );
});
