import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endLocalWorld } from "@ertis/infra-toolchain";
import { expect, test } from "vitest";
import { findWorld, startWorld, stopWorld } from "./control.ts";

test("what starts here is what the clusters' down ends", async () => {
  const stateDirectory = mkdtempSync(join(tmpdir(), "ertis-world-"));
  const place = { stateDirectory, kubeconfigDirectory: join(stateDirectory, "none") };
  try {
    const { pid } = startWorld(place);
    expect(await endLocalWorld(stateDirectory)).toBe(pid);
    expect(findWorld(place)).toBeUndefined();
  } finally {
    await stopWorld(place);
    rmSync(stateDirectory, { recursive: true, force: true });
  }
});
