import { connect, type Socket } from "node:net";
import { once } from "node:events";

/** Frame types and flags of RFC 9113 that a load generator meets. */
const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7 } as const;
const endStream = 0x1;
const endHeaders = 0x4;
const acknowledge = 0x1;
const frameHeaderBytes = 9;
const windowMax = 0x7fff_ffff;

/** What became of one call: the first byte of its answer's first result says it. */
export type Answered = "accepted" | "other";

/**
 * HTTP/2 written by hand on a socket: node:http2 costs a generator more than the server's whole part of
 * a small call. It does what one kind of call needs and no more: the same headers for each call, calls
 * so few and small that the server's windows never fill.
 */
export class FrameClient {
  readonly #socket: Socket;
  readonly #headerBlock: Buffer;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answered>>();
  readonly #accepted = new Set<number>();
  #failure: Error | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #nextStream = 1;

  private constructor(socket: Socket, headerBlock: Buffer) {
    this.#socket = socket;
    this.#headerBlock = headerBlock;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  static async open(address: string, path: string): Promise<FrameClient> {
    const port = Number(address.slice(address.lastIndexOf(":") + 1));
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    await once(socket, "connect");
    const client = new FrameClient(socket, headerBlockOf(address, path));
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
    socket.write(frameOf(frameTypes.settings, { flags: 0, stream: 0 }, Buffer.alloc(0)));
    const window = Buffer.alloc(4);
    window.writeUInt32BE(windowMax - 65_535);
    socket.write(frameOf(8, { flags: 0, stream: 0 }, window));
    return client;
  }

  /** @param framed - a message with gRPC's header */
  call(framed: Buffer): Promise<Answered> {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    const block = this.#headerBlock;
    const bytes = Buffer.allocUnsafe(2 * frameHeaderBytes + block.length + framed.length);
    writeHeader(bytes, 0, [block.length, frameTypes.headers, endHeaders, stream]);
    block.copy(bytes, frameHeaderBytes);
    const dataAt = frameHeaderBytes + block.length;
    writeHeader(bytes, dataAt, [framed.length, frameTypes.data, endStream, stream]);
    framed.copy(bytes, dataAt + frameHeaderBytes);
    const answer = Promise.withResolvers<Answered>();
    if (this.#failure !== undefined) {
      answer.reject(this.#failure);
      return answer.promise;
    }
    this.#waiting.set(stream, answer);
    this.#socket.write(bytes);
    return answer.promise;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) {
      reject(this.#failure);
    }
    this.#waiting.clear();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + frameHeaderBytes <= bytes.length) {
      const length = bytes.readUIntBE(at, 3);
      const end = at + frameHeaderBytes + length;
      if (end > bytes.length) {
        break;
      }
      this.#frame(bytes, at, end);
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  #frame(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3];
    const flags = bytes[at + 4] ?? 0;
    const stream = bytes.readUInt32BE(at + 5);
    const payloadAt = at + frameHeaderBytes;
    if (type === frameTypes.data && isAccepted(bytes, payloadAt)) {
      this.#accepted.add(stream);
    } else if (type === frameTypes.settings && (flags & acknowledge) === 0) {
      this.#socket.write(
        frameOf(frameTypes.settings, { flags: acknowledge, stream: 0 }, Buffer.alloc(0)),
      );
    } else if (type === frameTypes.ping && (flags & acknowledge) === 0) {
      const same = bytes.subarray(payloadAt, end);
      this.#socket.write(frameOf(frameTypes.ping, { flags: acknowledge, stream: 0 }, same));
    } else if (type === frameTypes.goAway) {
      this.#fail(new Error("the server said goodbye"));
    }
    const isOver =
      type === frameTypes.reset ||
      ((type === frameTypes.headers || type === frameTypes.data) && (flags & endStream) !== 0);
    if (isOver) {
      const waiting = this.#waiting.get(stream);
      this.#waiting.delete(stream);
      waiting?.resolve(this.#accepted.delete(stream) ? "accepted" : "other");
    }
  }
}

/** gRPC's header, then SubmitJobsResponse with its first result, then its first field: `accepted_job_id`. */
function isAccepted(bytes: Buffer, at: number): boolean {
  return bytes[at + 5] === 0x0a && bytes[at + 7] === 0x0a;
}

function writeHeader(
  bytes: Buffer,
  at: number,
  [length, type, flags, stream]: readonly [number, number, number, number],
): void {
  bytes.writeUIntBE(length, at, 3);
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes.writeUInt32BE(stream, at + 5);
}

function frameOf(
  type: number,
  { flags, stream }: { readonly flags: number; readonly stream: number },
  payload: Buffer,
): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + payload.length);
  writeHeader(bytes, 0, [payload.length, type, flags, stream]);
  payload.copy(bytes, frameHeaderBytes);
  return bytes;
}

/** Literals that nobody is asked to remember (RFC 7541, 6.2.2): the block is the same for each call. */
function headerBlockOf(address: string, path: string): Buffer {
  const headers: readonly (readonly [string, string])[] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", address],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ];
  return Buffer.concat(
    headers.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]),
  );
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
