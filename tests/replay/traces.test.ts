import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSite } from "@ertis/site-model";
import { describe, expect, it } from "vitest";
import { loadPhilly, loadSmall } from "./traces.ts";

describe("loadSmall", () => {
  it("holds 1,500 jobs in order of time, with the source and licence of its rows", () => {
    const scene = loadSmall();
    expect(scene.jobs).toHaveLength(1_500);
    const moments = scene.jobs.map((job) => job.submittedAtMs);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    const text = readFileSync(new URL("traces/philly-1500.csv", import.meta.url), "utf8");
    for (const word of ["Microsoft", "CC-BY-4.0", "ElasticFlow", "Apache-2.0", "thinned"]) {
      expect(text).toContain(word);
    }
  });

  it("runs on a site that is proved", () => {
    const { siteFile, siteText } = loadSmall();
    const result = parseSite({ file: siteFile, text: siteText, phases: "built" });
    expect(result.kind === "site" ? result.site.nodes.length : result.errors).toBe(12);
  });
});

describe("loadPhilly", () => {
  it("is the whole trace on 896 GPUs", (context) => {
    const loaded = loadPhilly(process.env["ERTIS_DATA_DIR"]);
    if (loaded.kind === "absent") {
      context.skip(loaded.message);
      return;
    }
    const { jobs, siteFile, siteText } = loaded.scene;
    expect(jobs).toHaveLength(82_247);
    expect(jobs.filter((job) => job.gpuCount === 1)).toHaveLength(76_627);
    expect(Math.max(...jobs.map((job) => job.gpuCount))).toBe(128);
    const result = parseSite({ file: siteFile, text: siteText, phases: "built" });
    expect(result.kind === "site" ? result.site.nodes.length : result.errors).toBe(112);
  });

  it("says which file is missing, and takes no other file for it", () => {
    const directory = mkdtempSync(join(tmpdir(), "ertis-traces-"));
    try {
      const missing = loadPhilly(directory);
      expect(missing.kind === "absent" ? missing.message : "").toMatch(
        /philly\.csv is not there; ERTIS_DATA_DIR/,
      );
      mkdirSync(join(directory, "philly"));
      writeFileSync(join(directory, "philly/philly.csv"), "timestamp\n");
      const other = loadPhilly(directory);
      expect(other.kind === "absent" ? other.message : "").toContain("is another file: SHA-256 is");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
