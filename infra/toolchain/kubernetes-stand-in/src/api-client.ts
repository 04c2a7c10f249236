import { Agent as HttpAgent, request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
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
}

/** One engine asks for dozens of resources at once; the server gets them over this many connections. */
const connectionCount = 12;
const answerTimeoutMs = 60_000;

/** How often a server that is too busy, or closed an idle connection, is asked again. */
const attemptCount = 4;
const firstPauseMs = 250;

/** A client of one API server on connections that stay open. */
export function createApiClient(access: ClusterAccess): ApiClient {
  const start = createRequests(access);
  return {
    server: access.server,
    async send(request) {
      const text = request.body === undefined ? undefined : JSON.stringify(request.body);
      for (let attempt = 1; ; attempt += 1) {
        const answer = await exchange(start(request, text), text, access.server);
        if (answer === "closed" || (answer.status === 429 && attempt < attemptCount)) {
          if (answer === "closed" && (request.method === "POST" || attempt === attemptCount)) {
            // Whether the object was made is not known; the next create says.
            throw new UnreachableError(`the API server ${access.server} closed the connection`);
          }
          await delay(firstPauseMs * 2 ** attempt, undefined, { signal: request.signal });
          continue;
        }
        return parseAnswer(answer, request, access.server);
      }
    },
  };
}

function parseAnswer(answer: Answer, request: ApiRequest, server: string): Json {
  const parsed = parseBody(answer.body);
  if (answer.status >= 400) {
    throw toApiError(answer.status, parsed, `${request.method} ${request.path}`);
  }
  if (parsed === undefined) {
    throw new UnreachableError(`${server} is no API server: its answer is no JSON`);
  }
  return parsed;
}

type StartRequest = (request: ApiRequest, text: string | undefined) => ClientRequest;

function createRequests(access: ClusterAccess): StartRequest {
  const base = new URL(access.server);
  const isTls = base.protocol === "https:";
  const agent = createAgent(access, isTls);
  const start = isTls ? httpsRequest : httpRequest;
  const prefix = base.pathname === "/" ? "" : base.pathname.replace(/\/$/, "");
  const fixedHeaders = {
    accept: "application/json",
    "user-agent": "ertis-kubernetes-stand-in",
    ...(access.token === undefined ? {} : { authorization: `Bearer ${access.token}` }),
  };
  return (request, text) =>
    start({
      agent,
      hostname: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port === "" ? (isTls ? 443 : 80) : base.port,
      method: request.method,
      path: `${prefix}${request.path}`,
      headers: { ...fixedHeaders, ...contentHeaders(request, text) },
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
}

function contentHeaders(request: ApiRequest, text: string | undefined): Record<string, string> {
  return text === undefined
    ? {}
    : {
        "content-type": request.contentType ?? "application/json",
        "content-length": String(Buffer.byteLength(text)),
      };
}

function createAgent(access: ClusterAccess, isTls: boolean): HttpAgent {
  const options = { keepAlive: true, maxSockets: connectionCount };
  return isTls
    ? new HttpsAgent({
        ...options,
        ca: access.certificateAuthority,
        cert: access.clientCertificate,
        key: access.clientKey,
        rejectUnauthorized: access.isServerVerified,
        ...(access.serverName === undefined ? {} : { servername: access.serverName }),
      })
    : new HttpAgent(options);
}

function parseBody(text: string): Json | undefined {
  try {
    return toJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request; "closed" if the server had closed the idle connection on which it went out. */
async function exchange(
  request: ClientRequest,
  text: string | undefined,
  server: string,
): Promise<Answer | "closed"> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer | "closed">();
  const fail = (error: NodeJS.ErrnoException): void => {
    if (error.name === "AbortError") {
      reject(error);
    } else if (request.reusedSocket && error.code === "ECONNRESET") {
      resolve("closed");
    } else {
      const why = error.message === "" ? (error.code ?? error.name) : error.message;
      reject(new UnreachableError(`the API server ${server} cannot be reached: ${why}`));
    }
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
