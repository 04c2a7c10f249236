import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { provisioningText, siteText } from "../test-sites.ts";
import { defaultSitesDirectory, loadPlans, loadSiteTexts } from "./index.ts";

test("gives the repository's site files as they are written, in the order of the plans", () => {
  const result = loadPlans(defaultSitesDirectory);
  const plans = result.kind === "plans" ? result.plans.toReversed() : [];
  expect(plans.length).toBeGreaterThan(1);
  expect(loadSiteTexts(plans)).toEqual(
    plans.map(({ site }) => ({
      siteId: site.id,
      text: readFileSync(path.join(defaultSitesDirectory, `${site.id}.yaml`), "utf8"),
    })),
  );
});

test("gives files of another directory, comments included", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "ertis-site-texts-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(path.join(directory, "provisioning"));
  const text = `${siteText}# a remark\n`;
  writeFileSync(path.join(directory, "small.yaml"), text);
  writeFileSync(path.join(directory, "provisioning", "small.yaml"), provisioningText);
  const result = loadPlans(directory);
  expect(result.kind === "plans" && loadSiteTexts(result.plans)).toEqual([
    { siteId: "small", text },
  ]);
});
