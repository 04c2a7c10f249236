import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import {
  AccountServiceService,
  InfoServiceService,
  JobServiceService,
  NodeServiceService,
  PowerServiceService,
} from "@ertis/api";
import { type RichErrorFacts, toServiceError } from "./rich-error.ts";

/** One call a fake server received. */
export interface FakeCall {
  /** Name of the method, for example `submitJobs`. */
  readonly name: string;
  readonly request: unknown;
  /** Value of the `authorization` header; empty = none. */
  readonly authorization: string;
}

interface Fakes {
  unary(request: object): object | RichErrorFacts | "silence";
  stream(stream: ServerWritableStream<object, object>): void;
}

// Types of methods, not of functions: a test may write the message that it knows the method takes.
/** Answers one method: a response, an error, or `"silence"` for no answer at all. */
export type FakeUnary = Fakes["unary"];

/** Serves one stream. */
export type FakeStream = Fakes["stream"];

/** Methods by name; those left out answer UNIMPLEMENTED. */
export interface FakeMethods {
  readonly unary?: Readonly<Record<string, FakeUnary>>;
  readonly streams?: Readonly<Record<string, FakeStream>>;
}

/** A server in this process that answers as it is told, for tests of clients. */
export interface FakeServer {
  readonly address: string;
  readonly calls: readonly FakeCall[];
  /** The next call of this method fails so; may be given several times. */
  failNext(name: string, error: RichErrorFacts | "silence"): void;
  close(): Promise<void>;
}

const services: readonly ServiceDefinition[] = [
  AccountServiceService,
  InfoServiceService,
  JobServiceService,
  PowerServiceService,
  NodeServiceService,
];

function isError(answer: object): answer is RichErrorFacts {
  return "code" in answer && "message" in answer;
}

interface Recorder {
  readonly calls: FakeCall[];
  readonly failures: Map<string, (RichErrorFacts | "silence")[]>;
}

function createUnary(
  recorder: Recorder,
  name: string,
  answer: FakeUnary | undefined,
): handleUnaryCall<object, object> {
  return (call, respond) => {
    const authorization = String(call.metadata.get("authorization")[0] ?? "");
    recorder.calls.push({ name, request: call.request, authorization });
    const failure = recorder.failures.get(name)?.shift();
    const missing = { code: "UNIMPLEMENTED" as const, message: `the fake has no ${name}` };
    const result = failure ?? answer?.(call.request) ?? missing;
    if (result === "silence") {
      return;
    }
    if (isError(result)) {
      respond(toServiceError(result));
    } else {
      respond(null, result);
    }
  };
}

function createStream(
  recorder: Recorder,
  name: string,
  serve: FakeStream | undefined,
): handleServerStreamingCall<object, object> {
  return (call) => {
    const authorization = String(call.metadata.get("authorization")[0] ?? "");
    recorder.calls.push({ name, request: call.request, authorization });
    const failure = recorder.failures.get(name)?.shift();
    if (failure === "silence") {
      return;
    }
    if (failure !== undefined) {
      call.emit("error", toServiceError(failure));
    } else if (serve === undefined) {
      call.emit("error", toServiceError({ code: "UNIMPLEMENTED", message: `no ${name}` }));
    } else {
      serve(call);
    }
  };
}

/** Starts a fake server on a free port of this machine. */
export async function startFakeServer(methods: FakeMethods): Promise<FakeServer> {
  const recorder: Recorder = { calls: [], failures: new Map() };
  const server = new Server();
  for (const service of services) {
    const handlers = Object.fromEntries(
      Object.entries(service).map(([name, { responseStream }]) => [
        name,
        responseStream
          ? createStream(recorder, name, methods.streams?.[name])
          : createUnary(recorder, name, methods.unary?.[name]),
      ]),
    );
    server.addService(service, handlers);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) {
        resolve(bound);
      } else {
        reject(error);
      }
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    calls: recorder.calls,
    failNext(name, error) {
      recorder.failures.set(name, [...(recorder.failures.get(name) ?? []), error]);
    },
    async close() {
      server.forceShutdown();
      await Promise.resolve();
    },
  };
}
