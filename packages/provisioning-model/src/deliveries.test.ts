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
    const bmc = `bmcAddress: "redfish-virtualmedia+https://10.10.0.99/redfish/v1/Systems/1"`;
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

  // The owner of the planned value comes before or after the host that repeats it in the order of the hosts.
  test.each([
    ["m1", "m2", 17],
    ["m2", "m1", 16],
  ] as const)(
    "what %s is given and %s keeps as planned is named once with both",
    (given, kept, at) => {
      const repeated = `bootMac: "02:45:0a:0a:00:${at.toString(16)}", bmcAddress: "redfish-virtualmedia+https://10.10.0.${at}/redfish/v1/Systems/1"`;
      const lines = errorLines(
        smallFiles({ deliveries: [delivery(cluster, `  ${cluster}-${given}: {${repeated}}\n`)] }),
      );
      const both = new RegExp(
        `^deliveries/small-s1-h1.yaml:3:.* of ${cluster}-${given} is the planned one of ${cluster}-${kept} \\(infra/sites/provisioning/small.yaml:\\d+\\)`,
      );
      expect(lines).toEqual([expect.stringMatching(both), expect.stringMatching(both)]);
      expect(lines.map((line) => /boot MAC|BMC address/.exec(line)?.[0])).toEqual([
        "boot MAC",
        "BMC address",
      ]);
    },
  );

  test("two hosts with the planned values of a third: one message for a value", () => {
    const repeated = `{bootMac: "02:45:0a:0a:00:10", bmcAddress: "redfish+https://10.10.0.16/redfish/v1/Systems/1"}`;
    const hosts = `  ${cluster}-m2: ${repeated}\n  ${cluster}-m3: ${repeated}\n`;
    const lines = errorLines(smallFiles({ deliveries: [delivery(cluster, hosts)] }));
    expect(lines.map((line) => line.replace(/:\d+ .*/, ""))).toEqual(
      [3, 3, 4, 4].map((line) => `deliveries/small-s1-h1.yaml:${line}`),
    );
  });

  test("hosts may exchange their BMC addresses, and a name is no address", () => {
    const at = (host: string): string => `redfish+https://${host}/redfish/v1/Systems/1`;
    const hosts = [
      `  ${cluster}-m1: {bootMac: "b8:ce:f6:00:00:01", bmcAddress: "${at("10.10.0.17")}"}\n`,
      `  ${cluster}-m2: {bootMac: "b8:ce:f6:00:00:02", bmcAddress: "${at("10.10.0.16")}"}\n`,
      `  ${cluster}-m3: {bootMac: "b8:ce:f6:00:00:03", bmcAddress: "${at("m3.bmc.small.ertis.kz")}"}\n`,
    ];
    expect(errorLines(smallFiles({ deliveries: [delivery(cluster, hosts.join(""))] }))).toEqual([]);
  });

  test.each([
    ["of the pods", "10.32.0.16"],
    ["of another hall", "10.10.1.200"],
  ])("a BMC in the network %s", (_name, address) => {
    const host = `{bootMac: "b8:ce:f6:00:00:01", bmcAddress: "redfish+https://${address}/redfish/v1/Systems/1"}`;
    expect(
      errorLines(smallFiles({ deliveries: [delivery(cluster, `  ${cluster}-m1: ${host}\n`)] })),
    ).toEqual([
      expect.stringMatching(
        /^deliveries\/small-s1-h1.yaml:3:\d+ .*of small-s1-h1-m1 lies outside 10.10.0.0\/24, the BMC network of its hall/,
      ),
    ]);
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
