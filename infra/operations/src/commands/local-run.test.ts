import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

test("without a number up:local takes that of the last time, and says so", async () => {
  const directory = mkdtempSync(join(tmpdir(), "ertis-local-run-"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  });
  // The folder is settled when the module is loaded.
  vi.stubEnv("ERTIS_STATE_DIR", directory);
  vi.resetModules();
  const { chooseHosts, rememberHosts, rememberedHosts } = await import("./local-run.ts");
  expect(chooseHosts(undefined)).toEqual({ hostsPerSiteCount: 32, note: undefined });
  rememberHosts(4);
  expect(chooseHosts(undefined)).toEqual({
    hostsPerSiteCount: 4,
    note: "4 GPU hosts a site, as the last time; --hosts-per-site takes another number",
  });
  expect(chooseHosts(8)).toEqual({ hostsPerSiteCount: 8, note: undefined });
  expect(rememberedHosts()).toBe(4);
});
