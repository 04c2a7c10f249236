import { describe, expect, test } from "vitest";
import { delivery, errorLines, smallFiles } from "./test-sites.ts";

describe("delivery lists", () => {
  const cluster = "small-s1-h1";
  const good = `  ${cluster}-m1: {bootMac: "b8:ce:f6:00:00:01"}\n`;
  const mistakes: readonly (readonly [name: string, lines: string, message: RegExp])[] = [
    [
      "an unknown host",
      `  ${cluster}-m9: {bootMac: "b8:ce:f6:00:00:02"}\n`,
      /:3:3 .*unknown host "small-s1-h1-m9" \(did you mean "small-s1-h1-m1"\?\)/,
    ],
    [
      "a host of another hall",
      `  small-s1-h2-m1: {bootMac: "b8:ce:f6:00:00:02"}\n`,
      /"small-s1-h2-m1" is a host of small-s1-h2: put it into the delivery list of that cluster/,
    ],
    [
      "no MAC",
      `  ${cluster}-m1: {bootMac: "b8:ce:f6:00:00"}\n`,
      /is not a MAC address, for example/,
    ],
    [
      "a group address",
      `  ${cluster}-m1: {bootMac: "01:00:5e:00:00:01"}\n`,
      /is no network card's own address/,
    ],
    [
      "a BMC with a password",
      `  ${cluster}-m1: {bootMac: "b8:ce:f6:00:00:02", bmcAddress: "redfish+https://a:b@10.0.0.1/x"}\n`,
      /is not a BMC address, .*without user and password/,
    ],
    [
      "an unknown key",
      `  ${cluster}-m1: {mac: "b8:ce:f6:00:00:02"}\n`,
      /unknown key "mac" in a delivered host/,
    ],
    ["a host twice", good + good, /duplicate key "small-s1-h1-m1", first on line 3/],
    [
      "a MAC twice",
      `${good}  ${cluster}-m2: {bootMac: "B8-CE-F6-00-00-01"}\n`,
      /:4:\d+ .*boot MAC b8:ce:f6:00:00:01 of small-s1-h1-m2 is also that of small-s1-h1-m1 at infra\/sites\/deliveries\/small-s1-h1.yaml:3/,
    ],
    [
      "a planned MAC",
      `  ${cluster}-m1: {bootMac: "02:45:0a:0a:00:11"}\n`,
      /is the planned one of small-s1-h1-m2 \(infra\/sites\/provisioning\/small.yaml:\d+\)/,
    ],
    [
      "a planned MAC of another hall",
      `  ${cluster}-m1: {bootMac: "02:45:0a:0a:01:11"}\n`,
      /is the planned one of small-s1-h2-m2/,
    ],
    [
      "a planned BMC address",
      `  ${cluster}-m1: {bootMac: "b8:ce:f6:00:00:01", bmcAddress: "redfish+https://10.10.0.17/redfish/v1/Systems/1"}\n`,
      /BMC address .* of small-s1-h1-m1 is the planned one of small-s1-h1-m2/,
    ],
    ["nothing", "", /hosts: "" is|hosts: found nothing, but hosts is a block/],
  ];

  test.each(mistakes)("%s", (_name, text, message) => {
    const lines = errorLines(smallFiles({ deliveries: [delivery(cluster, text)] }));
    expect(lines.filter((line) => message.test(line))).not.toEqual([]);
  });

  test("a MAC and a BMC address are unique over files, and both lines are named", () => {
    const bmc = `bmcAddress: "redfish-virtualmedia+https://10.99.0.1/redfish/v1/Systems/1"`;
    const lines = errorLines(
      smallFiles({
        deliveries: [
          delivery(cluster, `  ${cluster}-m1: {bootMac: "b8:ce:f6:00:00:01", ${bmc}}\n`),
          delivery("small-s1-h2", `  small-s1-h2-m1: {bootMac: "b8:ce:f6:00:00:01", ${bmc}}\n`),
        ],
      }),
    );
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(
        /^deliveries\/small-s1-h2.yaml:3:.* also that of small-s1-h1-m1 at infra\/sites\/deliveries\/small-s1-h1.yaml:3/,
      );
    }
  });

  test("a file is named as its cluster", () => {
    const list = delivery(cluster, good);
    const lines = errorLines(
      smallFiles({ deliveries: [{ ...list, file: "infra/sites/deliveries/small-s1-h2.yaml" }] }),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/cluster "small-s1-h1" in a file of "small-s1-h2"/),
    );
  });

  test("a cluster that is not there is named with its neighbour", () => {
    const lines = errorLines(smallFiles({ deliveries: [delivery("small-s1-h7", "  a: {}\n")] }));
    expect(lines).toContainEqual(
      expect.stringMatching(/unknown cluster "small-s1-h7" \(did you mean "small-s1-h1"/),
    );
  });
});
