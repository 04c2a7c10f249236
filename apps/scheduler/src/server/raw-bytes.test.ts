import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openHub, submitOne, type TestHub, tokens } from "../testing/hub.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await openHub();
});

afterAll(() => hub.close());

let acceptedCount = 0;

/** Whatever was sent before: the next job is taken, and gets the next number. */
async function assertNothingLost(): Promise<void> {
  acceptedCount += 1;
  expect(await submitOne(hub, "aigerim", { held: true })).toBe(`${acceptedCount}`);
}

interface RawAnswer {
  readonly grpcStatus: string | undefined;
}

/** One call with bytes of our own; `isCutOff` resets the stream before the message is complete. */
function rawCall(body: Buffer, isCutOff: boolean): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://${hub.server.address}`);
    session.on("error", reject);
    const stream = session.request({
      ":method": "POST",
      ":path": "/ertis.v1.JobService/SubmitJobs",
      "content-type": "application/grpc",
      te: "trailers",
      authorization: `Bearer ${tokens.aigerim}`,
    });
    let grpcStatus: string | undefined;
    const note = (headers: Record<string, unknown>): void => {
      const value = headers["grpc-status"];
      grpcStatus = typeof value === "string" ? value : grpcStatus;
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.on("error", () => undefined);
    stream.on("close", () => {
      session.close();
      resolve({ grpcStatus });
    });
    stream.resume();
    if (isCutOff) {
      stream.write(body, () => stream.close(constants.NGHTTP2_CANCEL));
    } else {
      stream.end(body);
    }
  });
}

function framed(bytes: Buffer, length = bytes.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}

test("a truncated stream, a truncated message and bytes that are none leave nothing behind", async () => {
  await rawCall(framed(Buffer.alloc(10), 1_000), true);
  const half = await rawCall(framed(Buffer.alloc(10), 1_000), false);
  expect(half.grpcStatus).not.toBe("0");
  const noise = await rawCall(framed(Buffer.from("ffffffffffff", "hex")), false);
  expect(noise.grpcStatus).toBe(`${status.INVALID_ARGUMENT}`);
  const claimed = await rawCall(framed(Buffer.alloc(10), 2_000_000_000), false);
  expect(claimed.grpcStatus).toBe(`${status.RESOURCE_EXHAUSTED}`);
  await assertNothingLost();
});

test("bytes that are no HTTP/2 close that connection only", async () => {
  await new Promise<void>((resolve) => {
    const socket = connect(hub.server.port, "127.0.0.1", () =>
      socket.write("GET / HTTP/1.1\r\n\r\n"),
    );
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
  });
  await assertNothingLost();
});
