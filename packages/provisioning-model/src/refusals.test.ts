import { describe, expect, test } from "vitest";
import {
  errorLines,
  otherFiles,
  provisioningText,
  replaced,
  siteText,
  smallFiles,
} from "./test-sites.ts";

function provisioningErrors(find: string, replacement: string): readonly string[] {
  return errorLines(smallFiles({ provisioning: replaced(provisioningText, find, replacement) }));
}

test("the small site itself is accepted", () => {
  expect(errorLines(smallFiles(), otherFiles())).toEqual([]);
});

describe("provisioning files", () => {
  const mistakes: readonly (readonly [name: string, find: string, by: string, message: RegExp])[] =
    [
      [
        "an unknown key",
        "registry:",
        "registy:",
        /:3:1 registy: unknown key "registy".*did you mean "registry"/,
      ],
      [
        "another site",
        "site: small",
        "site: smal",
        /:1:7 site: site "smal", but .*small.yaml describes "small"/,
      ],
      [
        "a wrong mode",
        "mode: provisioned",
        "mode: owned",
        /found "owned", allowed are "provisioned" or "registered"/,
      ],
      [
        "a missing value",
        "kubernetesVersion: 1.35.6",
        "kubernetesVersion:",
        /"" is not a Kubernetes version/,
      ],
      [
        "a version with v",
        "1.35.6",
        "v1.35.6",
        /"v1.35.6" is not a Kubernetes version, for example 1.35.6/,
      ],
      ["a short digest", "5e5e", "5e", /is not a SHA-256: write its 64 digits/],
      [
        "a URL with a user",
        "https://images",
        "https://user:secret@images",
        /is not the URL of an image: .*without user/,
      ],
      [
        "a registry abroad",
        "registry.small.ertis.kz",
        "registry.small.example.com",
        /"registry.small.example.com" ends in none of allowedDomains, which are ".ertis.kz"/,
      ],
      [
        "an image abroad",
        "images.small.ertis.kz",
        "images.notertis.kz",
        /"images.notertis.kz" ends in none of allowedDomains/,
      ],
      [
        "a domain without dot",
        "[.ertis.kz]",
        "[ertis.kz]",
        /"ertis.kz" is not the end of a DNS name: start it with a dot/,
      ],
      ["no domains", "[.ertis.kz]", "[]", /an empty list allows nothing/],
      [
        "a public network",
        "10.10.0.0/20",
        "11.10.0.0/20",
        /"11.10.0.0\/20" is not private: take it from/,
      ],
      [
        "a network off its start",
        "10.10.0.0/20",
        "10.10.0.5/20",
        /does not start its network: write 10.10.0.0\/20/,
      ],
      ["an octal address", "10.10.0.0/20", "010.10.0.0/20", /is not an IPv4 network/],
      ["no address", "10.10.0.0/20", "bmc", /"bmc" is not an IPv4 network, for example/],
      [
        "a slice above its block",
        "prefixPerHall: 24}\n  hosts",
        "prefixPerHall: 16}\n  hosts",
        /a hall's \/16 is larger than the whole block \/20/,
      ],
      [
        "a block for one hall",
        "10.10.0.0/20",
        "10.10.0.0/23",
        /:11:16 .*10.10.0.0\/23 has no \/24 left for small-s1-h3, which has slice 2/,
      ],
      [
        "too few host addresses",
        "10.20.0.0/20, prefixPerHall: 24",
        "10.20.0.0/20, prefixPerHall: 27",
        /a \/27 a hall has 32 addresses, but the 17 hosts of small-s1-h1 need 34: write a \/26/,
      ],
      [
        "too few pods",
        "10.32.0.0/12, prefixPerHall: 16",
        "10.32.0.0/12, prefixPerHall: 20",
        /the 17 hosts of small-s1-h1 need 4352 with a \/24 a host: write a \/19/,
      ],
      [
        "networks that overlap",
        "10.20.0.0/20",
        "10.10.8.0/21",
        /:12:18 networks.hosts.block: hosts 10.10.8.0\/21 overlaps bmc 10.10.0.0\/20 of small at infra\/sites\/provisioning\/small.yaml:11/,
      ],
      [
        "figures without a source",
        "  source: assumption\nrootDevices",
        "rootDevices",
        /networks: the networks of a provisioned site without a source/,
      ],
      [
        "a source that is none",
        "  source: assumption\nrootDevices",
        "  source: dunno\nrootDevices",
        /"dunno" names no source/,
      ],
      [
        "two control planes",
        "controlPlaneHosts: 3",
        "controlPlaneHosts: 2",
        /found "2" control plane hosts: 3 or 5 survive/,
      ],
      [
        "too few feeds",
        "rowsPerFeed: 1",
        "rowsPerFeed: 2",
        /small\/substation-1\/hall-1 has 3 rows, 2 a power feed: that is 2 feeds/,
      ],
      [
        "a hall of no entry",
        "{controlPlane",
        "{nodeClass: h100-9, controlPlane",
        /no entry of halls is for small\/substation-1\/hall-1, which holds h100-8/,
      ],
      [
        "an unknown class",
        "{controlPlane",
        "{nodeClass: h100-9, controlPlane",
        /unknown node class "h100-9" \(did you mean "h100-8"\?\)/,
      ],
      [
        "a ratio below one",
        "ratio: 1.1",
        "ratio: 0.9",
        /found "0.9", but a decimal from 1 to 2 with at most 4 places/,
      ],
      ["a ratio with five places", "ratio: 1.1", "ratio: 1.12345", /at most 4 places/],
      [
        "a ratio without a source",
        "{kind: hall, ratio: 1.1, source: assumption}",
        "{kind: hall, ratio: 1.1}",
        /an entry of oversubscription without a source/,
      ],
      [
        "an unknown cluster",
        "small-s1-h2:",
        "small-s1-h4:",
        /unknown cluster "small-s1-h4" \(did you mean "small-s1-h1"\?\): the site has "small-s1-h1"/,
      ],
      [
        "an unknown host",
        "r2-k1-n1",
        "r2-k1-n3",
        /:27:3 .*unknown host "small-s1-h1-r2-k1-n3" \(did you mean "small-s1-h1-r\d-k1-n\d"/,
      ],
      [
        "an unknown state",
        "n1: repair",
        "n1: repairs",
        /found "repairs", allowed are "onboard", "burn-in", "production", "triage" or "repair"/,
      ],
      [
        "a duplicate key",
        "mode: provisioned",
        "site: small\nmode: provisioned",
        /duplicate key "site", first on line 1/,
      ],
      ["an alias", "registry.small.ertis.kz", "*name", /not readable as YAML|alias/],
      ["no YAML", "mode: provisioned", "mode: [", /not readable as YAML/],
      [
        "a list for a block",
        "hostImage:\n  url: https",
        "hostImage: [a]\nimage:\n  url: https",
        /hostImage: found a list of 1 item, but a host image is a block/,
      ],
    ];

  test.each(mistakes)("%s", (_name, find, by, message) => {
    const lines = provisioningErrors(find, by);
    expect(lines.filter((line) => message.test(line))).not.toEqual([]);
  });

  test("all mistakes come at once, in the order of the file", () => {
    const text = replaced(
      replaced(replaced(provisioningText, "mode: provisioned", "mode: none"), "1.35.6", "1.x"),
      "10.64.0.0/16",
      "9.0.0.0/16",
    );
    const lines = errorLines(
      smallFiles({ provisioning: text.replace("none", "provisioned\ncolour: red") }),
    );
    expect(lines.map((line) => line.split(" ")[1])).toEqual([
      "colour:",
      "kubernetesVersion:",
      "networks.services.block:",
    ]);
  });

  test("mistakes of the site file come with those of the provisioning file", () => {
    const lines = errorLines(
      smallFiles({
        site: replaced(siteText, "gpuCount: 8", "gpuCount: 80"),
        provisioning: replaced(provisioningText, "1.35.6", "1.x"),
      }),
    );
    expect(lines).toEqual([
      expect.stringMatching(/^small.yaml:6:15 nodeClasses.h100-8.gpuCount: /),
      expect.stringMatching(/^provisioning\/small.yaml:5:20 kubernetesVersion: /),
    ]);
  });
});
