import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ClusterProblem } from "./cluster-problem.ts";
import { down } from "./commands.ts";

let stateDirectory = "";

beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), "ertis-clusters-down-"));
  vi.stubEnv("ERTIS_STATE_DIR", stateDirectory);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(stateDirectory, { recursive: true, force: true });
});

test("a name of no cluster is refused with the names there are, and nothing else is looked at", async () => {
  const said: string[] = [];
  const asked = down(["pavlodar-hub-s1-h1", "nonsense"], (line) => said.push(line));
  await expect(asked).rejects.toThrow(ClusterProblem);
  await expect(asked).rejects.toThrow(
    /No site has a cluster "nonsense"\. There are management, the built .*pavlodar-hub-s1-h1/,
  );
  expect(said).toEqual([]);
});

test("a cluster that is not up is down already", async () => {
  const said: string[] = [];
  await down(["pavlodar-hub-s1-h1", "management"], (line) => said.push(line));
  expect(said).toEqual(["pavlodar-hub-s1-h1 is not up", "management is not up"]);
});
