import { type ClientHttp2Session, connect } from "node:http2";
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";

/** Path of SubmitJobs. */
export const submitJobsPath = "/ertis.v1.JobService/SubmitJobs";

const frameHeaderBytes = 5;

/**
 * The least a gRPC client has to do, on node:http2: a load generator shares two cores with the
 * server it measures, so each microsecond of its own is missing there.
 */
export class WireClient {
  readonly #session: ClientHttp2Session;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(session: ClientHttp2Session, path: string) {
    this.#session = session;
    this.#headers = {
      ":method": "POST",
      ":path": path,
      ":scheme": "http",
      te: "trailers",
      "content-type": "application/grpc",
    };
  }

  static async open(address: string, path: string): Promise<WireClient> {
    // The default window of 64 KiB would stop a large answer half way.
    const session = connect(`http://${address}`, { settings: { initialWindowSize: 16 * 2 ** 20 } });
    await once(session, "connect");
    session.setLocalWindowSize(16 * 2 ** 20);
    return new WireClient(session, path);
  }

  /**
   * @param framed - a message with its frame header, see `frame`
   * @returns the answer's message
   * @throws Error when the status is not OK
   */
  call(framed: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(this.#headers);
      const chunks: Buffer[] = [];
      let status = "";
      let message = "";
      const read = (headers: IncomingHttpHeaders): void => {
        status = textOf(headers["grpc-status"]) ?? status;
        message = textOf(headers["grpc-message"]) ?? message;
      };
      stream.on("response", read);
      stream.on("trailers", read);
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("end", () => {
        if (status !== "0") {
          reject(new Error(`gRPC status ${status}: ${decodeURIComponent(message)}`));
          return;
        }
        const [first] = chunks;
        const all = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
        resolve(all.subarray(frameHeaderBytes));
      });
      stream.end(framed);
    });
  }

  close(): void {
    this.#session.destroy();
  }
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

/** A message with gRPC's header before it: not compressed, length. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(frameHeaderBytes + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, frameHeaderBytes);
  return framed;
}
