import { describe, expect, test } from "vitest";
import { errorLines, otherFiles, replaced, siteText, smallFiles } from "./test-sites.ts";

describe("names from the site file", () => {
  const mistakes: readonly (readonly [name: string, find: string, by: string, message: RegExp])[] =
    [
      [
        "a name without number",
        "name: hall-3",
        "name: hall-east",
        /^small.yaml:31:1 small\/substation-1\/hall-east: "hall-east" has no number at its end.*: call it for example hall-1/,
      ],
      [
        "two of one number",
        "name: hall-3",
        "name: pod-2",
        /small\/substation-1\/hall-2 and small\/substation-1\/pod-2 would both be "small-s1-h2"/,
      ],
      [
        "a long site id",
        "site: small",
        `site: ${"s".repeat(40)}`,
        /would be named .* together \d+: Kubernetes allows 63, so shorten the id/,
      ],
      [
        "racks without rows",
        "rows: 3 × row-a",
        "racks: 3 × rack-a",
        /stand in no row, for example small\/substation-1\/hall-1\/rack-1\/node-1/,
      ],
    ];

  test.each(mistakes)("%s", (_name, find, by, message) => {
    const lines = errorLines(smallFiles({ site: replaced(siteText, find, by) }));
    expect(lines.filter((line) => message.test(line))).not.toEqual([]);
  });

  test("nodes outside halls belong to no cluster", () => {
    const racks = "      racks: [{name: rack-9, template: rack-a}]\n      halls:\n";
    const lines = errorLines(smallFiles({ site: replaced(siteText, "      halls:\n", racks) }));
    expect(lines).toEqual([
      expect.stringMatching(
        /2 nodes stand in no hall, for example small\/substation-1\/rack-9\/node-1/,
      ),
    ]);
  });
});

describe("over sites", () => {
  test("networks of two sites do not overlap", () => {
    const other = otherFiles();
    const text = replaced(other.provisioningFile.text, "10.48.0.0/12", "10.40.0.0/13");
    const lines = errorLines(smallFiles(), {
      ...other,
      provisioningFile: { ...other.provisioningFile, text },
    });
    expect(lines).toEqual([
      "provisioning/other.yaml:13:17 networks.pods.block: pods 10.40.0.0/13 overlaps pods 10.32.0.0/12 of small at infra/sites/provisioning/small.yaml:13: give one of them another block",
    ]);
  });

  test("two sites do not have one id", () => {
    const lines = errorLines(smallFiles(), smallFiles());
    expect(lines).toContainEqual(
      expect.stringMatching(/site "small" is also described by infra\/sites\/small.yaml/),
    );
  });
});
