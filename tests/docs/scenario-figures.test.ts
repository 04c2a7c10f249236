import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readText } from "./documents.ts";

const program = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

/** The row of docs/simulate.md about a scenario. */
function rowOf(scenario: string): string {
  const row = readText("docs/simulate.md")
    .split("\n")
    .find((line) => line.startsWith("|") && line.includes(`--scenario ${scenario}\``));
  return row ?? "";
}

test.each(["winter-peak", "emergency-target"])(
  "docs/simulate.md tells of the scenario %s what comes of it",
  async (scenario) => {
    const told = ["simulate", "--scenario", scenario];
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...told]);
    const drawn = /(?<part>[\d.]+ %) drawn of them, (?<over>\d+ of \d+ minutes) above/v.exec(
      stdout,
    );
    const kept = /within their tier +(?<jobs>\d+ of \d+)/v.exec(stdout);
    expect(rowOf(scenario)).toContain(`${drawn?.groups?.["part"]} of the target drawn`);
    expect(rowOf(scenario)).toContain(`${drawn?.groups?.["over"]} above it`);
    expect(rowOf(scenario)).toContain(`${kept?.groups?.["jobs"]} jobs within their tier`);
  },
);
