import { Agent as HttpAgent, request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { toApiError, UnreachableError } from "./api-error.ts";
import { toJson } from "./json.ts";
import type { Json } from "./json.ts";
import type { ClusterAccess } from "./kubeconfig.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly body?: Json;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ApiClient {
  readonly server: string;
  /** The answer's JSON; refusals are an ApiError, a server that cannot be asked is an UnreachableError. */
  send(request: ApiRequest): Promise<Json>;
  close(): void;
}

/** One engine asks for dozens of resources at once; the server gets them over this many connections. */
const connectionCount = 12;
const answerTimeoutMs = 60_000;

/** A client of one API server on connections that stay open. */
export function createApiClient(access: ClusterAccess): ApiClient {
  const base = new URL(access.server);
  const isTls = base.protocol === "https:";
  const agentOptions = { keepAlive: true, maxSockets: connectionCount };
  const agent = isTls
    ? new HttpsAgent({
        ...agentOptions,
        ca: access.certificateAuthority,
        cert: access.clientCertificate,
        key: access.clientKey,
        rejectUnauthorized: access.isServerVerified,
        ...(access.serverName === undefined ? {} : { servername: access.serverName }),
      })
    : new HttpAgent(agentOptions);
  const start = isTls ? httpsRequest : httpRequest;
  const prefix = base.pathname === "/" ? "" : base.pathname.replace(/\/$/, "");
  const authorization =
    access.token === undefined ? {} : { authorization: `Bearer ${access.token}` };
  return {
    server: access.server,
    async send(request) {
      const text = request.body === undefined ? undefined : JSON.stringify(request.body);
      const { status, body } = await exchange(
        start({
          agent,
          hostname: base.hostname.replace(/^\[|\]$/g, ""),
          port: base.port === "" ? (isTls ? 443 : 80) : base.port,
          method: request.method,
          path: `${prefix}${request.path}`,
          headers: {
            accept: "application/json",
            "user-agent": "ertis-kubernetes-stand-in",
            ...authorization,
            ...(text === undefined
              ? {}
              : {
                  "content-type": request.contentType ?? "application/json",
                  "content-length": Buffer.byteLength(text),
                }),
          },
          ...(request.signal === undefined ? {} : { signal: request.signal }),
        }),
        text,
        access.server,
      );
      const parsed = parseBody(body);
      if (status >= 400) {
        throw toApiError(status, parsed, `${request.method} ${request.path}`);
      }
      return parsed ?? {};
    },
    close: () => agent.destroy(),
  };
}

function parseBody(text: string): Json | undefined {
  try {
    return toJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function exchange(
  request: ClientRequest,
  text: string | undefined,
  server: string,
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const fail = (error: Error): void => {
    const isAborted = error.name === "AbortError";
    reject(
      isAborted
        ? error
        : new UnreachableError(`the API server ${server} cannot be reached: ${error.message}`),
    );
  };
  request.setTimeout(answerTimeoutMs, () => {
    request.destroy(new Error(`no answer for ${answerTimeoutMs / 1000} s`));
  });
  request.on("error", fail);
  request.on("response", (response: IncomingMessage) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", fail);
    response.on("end", () => {
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
    });
  });
  request.end(text);
  return promise;
}
