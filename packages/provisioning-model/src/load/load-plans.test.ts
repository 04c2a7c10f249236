import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { delivery, provisioningText, siteText } from "../test-sites.ts";
import { defaultSitesDirectory, loadPlans, sitesDirectory } from "./index.ts";

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "ertis-sites-"));
  mkdirSync(path.join(directory, "provisioning"));
  mkdirSync(path.join(directory, "deliveries"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(path.join(directory, name), text);
}

function errors(): readonly string[] {
  const result = loadPlans(directory);
  return result.kind === "plans"
    ? []
    : result.errors.map(({ file, message }) => `${file.replace(`${directory}/`, "")}: ${message}`);
}

test("reads sites with both files, and their delivery lists", () => {
  write("small.yaml", siteText);
  write("provisioning/small.yaml", provisioningText);
  write("elsewhere.yaml", "not a site of ours");
  const list = delivery("small-s1-h1", `  small-s1-h1-m1: {bootMac: "b8:ce:f6:00:00:01"}\n`);
  write("deliveries/small-s1-h1.yaml", list.text);
  write("deliveries/README.md", "no list");
  const result = loadPlans(directory);
  expect(result.kind === "plans" && result.plans.map(({ site }) => site.id)).toEqual(["small"]);
  const [host] = result.kind === "plans" ? (result.plans[0]?.clusters[0]?.hosts ?? []) : [];
  expect(host).toMatchObject({ bootMac: "b8:ce:f6:00:00:01", isDelivered: true });
});

test("a site file that is missing", () => {
  write("smal.yaml", siteText);
  write("provisioning/small.yaml", provisioningText);
  expect(errors()).toEqual([
    'provisioning/small.yaml: there is no site file small.yaml beside the directory provisioning (did you mean "smal"?): there are "smal"',
  ]);
});

test("a directory that is missing, or empty", () => {
  expect(errors()).toEqual([
    expect.stringContaining(
      "no site to provision: a site has <site>.yaml and provisioning/<site>.yaml",
    ),
  ]);
  const result = loadPlans(path.join(directory, "nowhere"));
  expect(result).toMatchObject({
    kind: "errors",
    errors: [{ message: expect.stringContaining("cannot be read (ENOENT)") }],
  });
});

test("a file that cannot be read, beside mistakes of others", () => {
  mkdirSync(path.join(directory, "small.yaml"));
  write("provisioning/small.yaml", provisioningText);
  write("other.yaml", siteText.replace("gpuCount: 8", "gpuCount: 80"));
  write("provisioning/other.yaml", "site: [");
  expect(errors()).toEqual([
    expect.stringMatching(/^small.yaml: this file cannot be read \(EISDIR\)/),
    expect.stringMatching(/^other.yaml: .*80/),
    expect.stringMatching(/^provisioning\/other.yaml: not readable as YAML/),
  ]);
});

test("a delivery list of no site", () => {
  write("small.yaml", siteText);
  write("provisioning/small.yaml", provisioningText);
  write("deliveries/smull-s1-h1.yaml", "cluster: smull-s1-h1");
  expect(errors()).toEqual([
    'deliveries/smull-s1-h1.yaml: no site is named like cluster "smull-s1-h1": the sites are "small", and a delivery list is named <site>-s1-h1.yaml',
  ]);
});

test("ERTIS_SITES_DIR names another directory", () => {
  expect(sitesDirectory({})).toBe(defaultSitesDirectory);
  expect(sitesDirectory({ ERTIS_SITES_DIR: directory })).toBe(directory);
});

test("sources name files from the repository down", () => {
  const result = loadPlans();
  expect(result.kind === "plans" && result.plans.map(({ source }) => source.file)).toContain(
    "infra/sites/provisioning/pavlodar-hub.yaml",
  );
});
