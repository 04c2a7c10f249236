import { readFileSync } from "node:fs";
import {
  type CallOptions,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
} from "@grpc/grpc-js";
import { ErtisError } from "./ertis-error.ts";

/** TLS for a connection; what is left out comes from the system. */
export interface TlsOptions {
  /** File with the certificates of the authority that signed the server's, PEM. */
  readonly caFile?: string;
  /** File with the client's own certificate chain, PEM (mutual TLS). */
  readonly certFile?: string;
  /** File with the key to that certificate, PEM. */
  readonly keyFile?: string;
  /** The name to expect in the server's certificate, when it is not the address. */
  readonly serverName?: string;
}

/** Where and how to connect. */
export interface ConnectionOptions {
  /** `host:port`, or `unix:/path`. */
  readonly address: string;
  /** Who the caller is; a function is asked for each call, so that a token may be renewed. */
  readonly token?: string | (() => string);
  /**
   * TLS options; `true` = TLS with the system's certificates, `false` = plain text. Left out: plain text
   * to this machine, TLS to any other.
   */
  readonly tls?: TlsOptions | boolean;
  /** Largest answer taken, bytes; default 64 MiB. */
  readonly maxReceiveMessageBytes?: number;
}

/** What a generated service definition says about one method. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (value: Request) => Buffer;
  readonly responseDeserialize: (value: Buffer) => Response;
}

/** One call on the wire. */
export interface WireCall<Request, Response> {
  readonly method: Method<Request, Response>;
  readonly request: Request;
  /** Milliseconds until the call is given up. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * grpc-js servers cut a deadline to 32 bits of milliseconds: 25 days end at once. No call of ours is
 * meant to last longer than this.
 */
const longestTimeoutMs = 20 * 86_400_000;

/** True when the address can only be this machine, so that plain text leaves it for nobody to read. */
export function isLocal(address: string): boolean {
  const host = address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return (
    address.startsWith("unix:") ||
    host === "localhost" ||
    host === "::1" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
  );
}

function assertAddress(address: string): void {
  const isKnown =
    address.startsWith("unix:") || /^[^\s/:]+:\d{1,5}$|^\[[^\s/]+\]:\d{1,5}$/.test(address);
  if (!isKnown) {
    throw new ErtisError({
      code: "INVALID_ARGUMENT",
      reason: "BAD_ADDRESS",
      message: `the address ${JSON.stringify(address)} is not host:port`,
      advice: 'write for example "127.0.0.1:7070" or "ertis.example.kz:443"',
    });
  }
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const found = error instanceof Error ? error.message : String(error);
    throw new ErtisError({
      code: "INVALID_ARGUMENT",
      reason: "UNREADABLE_FILE",
      message: `cannot read ${path}: ${isMissing ? "there is no such file" : found}`,
      advice: "check the TLS files of the context",
      cause: error,
    });
  }
}

/** One channel to one server. */
export class Connection {
  readonly #client: Client;
  readonly #token: (() => string) | undefined;

  constructor(options: ConnectionOptions) {
    assertAddress(options.address);
    const { tls = !isLocal(options.address), token } = options;
    const files = typeof tls === "object" ? tls : {};
    if (token !== undefined && tls === false && !isLocal(options.address)) {
      throw new ErtisError({
        code: "INVALID_ARGUMENT",
        reason: "PLAIN_TEXT_TOKEN",
        message: `a token would travel in plain text to ${options.address}`,
        advice: "use TLS, or leave the token out",
      });
    }
    this.#token = typeof token === "string" ? () => token : token;
    const channel =
      tls === false
        ? credentials.createInsecure()
        : credentials.createSsl(
            files.caFile === undefined ? null : readPem(files.caFile),
            files.keyFile === undefined ? null : readPem(files.keyFile),
            files.certFile === undefined ? null : readPem(files.certFile),
          );
    this.#client = new Client(options.address, channel, {
      // Our own retries know which calls may be repeated; two layers of them would multiply.
      "grpc.enable_retries": 0,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 2_000,
      // A connection that died silently (a laptop that slept) is found before the deadline of a call is.
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc.max_receive_message_length": options.maxReceiveMessageBytes ?? 64 * 1024 * 1024,
      "grpc.max_send_message_length": -1,
      ...(files.serverName === undefined
        ? {}
        : { "grpc.ssl_target_name_override": files.serverName }),
    });
  }

  #metadata(): Metadata {
    const metadata = new Metadata();
    if (this.#token !== undefined) {
      metadata.set("authorization", `Bearer ${this.#token()}`);
    }
    return metadata;
  }

  #callOptions(timeoutMs: number): CallOptions {
    return { deadline: Date.now() + Math.min(timeoutMs, longestTimeoutMs) };
  }

  /** Sends one request and gives its answer, or rejects with the error of grpc-js. */
  async unary<Request, Response>(call: WireCall<Request, Response>): Promise<Response> {
    const { method, signal } = call;
    if (signal?.aborted === true) {
      throw new ErtisError({ code: "CANCELLED", message: "the caller gave up before the call" });
    }
    const answer = Promise.withResolvers<Response>();
    const wire = this.#client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      call.request,
      this.#metadata(),
      this.#callOptions(call.timeoutMs),
      (error, response) => {
        if (error === null && response !== undefined) {
          answer.resolve(response);
        } else {
          answer.reject(error ?? new Error("an answer without a message"));
        }
      },
    );
    const cancel = (): void => wire.cancel();
    signal?.addEventListener("abort", cancel);
    try {
      return await answer.promise;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Opens a stream of answers; the caller cancels it when done. */
  stream<Request, Response>(call: WireCall<Request, Response>): ClientReadableStream<Response> {
    const { method } = call;
    return this.#client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      call.request,
      this.#metadata(),
      this.#callOptions(call.timeoutMs),
    );
  }

  close(): void {
    this.#client.close();
  }
}
