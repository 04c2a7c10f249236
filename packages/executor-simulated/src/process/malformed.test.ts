import { createConnection } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testSite, wish } from "../test-site.ts";
import { readClusterStatus } from "./cluster-status.ts";
import { TestCluster } from "./test-cluster-process.ts";

const cluster = new TestCluster();
beforeEach(() => cluster.open());
afterEach(async () => cluster.close());

describe("malformed input", () => {
  /** Sends bytes and gives back all that comes until the cluster closes. */
  async function answerTo(bytes: string): Promise<string> {
    const socket = createConnection(cluster.socketPath);
    const said: string[] = [];
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => said.push(String(chunk)));
    socket.end(bytes);
    return new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", () => resolve(said.join("")));
    });
  }

  test("is answered with what is wrong and does not end the process", async () => {
    const running = await cluster.start();
    const hello = JSON.stringify({
      kind: "hello",
      protocol: 5,
      site: testSite.id,
      revision: testSite.revision,
    });
    const part = {
      kind: "desired",
      generation: 1,
      isComplete: true,
      isLast: true,
      forget: [],
      powerOff: [],
      powerOn: [],
      lost: [],
    };
    const cases: readonly (readonly [string, RegExp])[] = [
      ["GET / HTTP/1.1\r\n\r\n", /not JSON/],
      ["null\n", /not an object/],
      ["[]\n", /not an object/],
      [`${"[".repeat(100_000)}\n`, /not JSON/],
      ["{}\n", /\\"kind\\" is none of/],
      [
        '{"kind":"hello","protocol":1,"site":"a","revision":"b"}\n',
        /protocol 1 is not 5.* has to end/,
      ],
      ['{"kind":"hello","protocol":5,"site":"a","revision":"b"}\n', /has to end before/],
      ['{"kind":"acknowledge","sequence":1}\n', /say hello first/],
      [
        '{"kind":"hello","protocol":4,"site":"a","revision":"b","measureEveryMs":0}\n',
        /protocol 4 is not 5/,
      ],
      [`${hello}\n{"kind":"acknowledge","sequence":-1}\n`, /not a whole number/],
      [`${hello}\n{"kind":"acknowledge","sequence":1e99}\n`, /not a whole number/],
      [
        `${hello}\n${JSON.stringify({ ...part, attempts: [{}] })}\n`,
        /a placement is not an object/,
      ],
      [
        '{"kind":"site","generation":1,"site":{"id":"a","nodeClasses":[],"nodes":[]}}\n',
        /\\"revision\\" is not a text/,
      ],
      [
        `{"kind":"site","generation":1,"site":{"id":"a","revision":"","nodeClasses":[],"nodes":[{"id":"n","classIndex":0}]}}\n`,
        /a class that the site does not have/,
      ],
      [
        `{"kind":"site","generation":1,"site":{"id":"a","revision":"","nodeClasses":[],"nodes":[],"curves":[{"gpuModel":"g","workloadClass":"w","points":[{"capWatts":200,"speed":1,"drawWatts":190},{"capWatts":400,"speed":0.9,"drawWatts":390}]}]}}\n`,
        /speed falls from 1 at 200 W to 0.9/,
      ],
      [
        `${hello}\n${JSON.stringify({ ...part, attempts: [{ ...wish({ job: 1 }), workloadClass: undefined }] })}\n`,
        /\\"workloadClass\\" is not a text/,
      ],
      ["x".repeat(9 * 2 ** 20), /more than 8388608 bytes/],
      // Cut off in the middle: nothing to answer, and nothing happens.
      ['{"kind":"hel', /^$/],
    ];
    for (const [bytes, expected] of cases) {
      expect(await answerTo(bytes)).toMatch(expected);
    }
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({
      pid: running.pid,
      startCount: 0,
      violationCount: 0,
    });
  });
});
