import { randomUUID } from "node:crypto";
import type { Metadata, ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import type { Person } from "../auth/people.ts";
import { Refusal } from "../mapping/refusal.ts";
import { statusOf } from "../mapping/status.ts";

/** What decoding gave: a handler says why it failed, gRPC alone would only say "internal". */
export type Decoded<Request> =
  | { readonly kind: "ok"; readonly request: Request }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export type UnaryHandler<Request, Answer> = (
  request: Request,
  person: Person,
) => Promise<Answer | Refusal>;

/** One open stream of answers; `send` waits until the client reads. */
export interface OutStream<Answer> {
  /** Resolves to false when the client is gone. */
  send(answer: Answer): Promise<boolean>;
  readonly isOpen: boolean;
  /** Aborted when the client is gone or the server closes. */
  readonly signal: AbortSignal;
}

export type StreamHandler<Request, Answer> = (
  request: Request,
  person: Person,
  stream: OutStream<Answer>,
) => Promise<Refusal | undefined>;

/** Marks the one property of a call's metadata that is ours. */
const callerKey = Symbol("caller");

class Caller {
  readonly person: Person;

  constructor(person: Person) {
    this.person = person;
  }
}

const callers = new WeakMap<Person, Caller>();

/**
 * The guard says once who calls; handlers read it. A property of the metadata, which both of them
 * have: a WeakMap with an entry for each call would keep the garbage collector busy.
 */
export function rememberCaller(metadata: Metadata, person: Person): void {
  let caller = callers.get(person);
  if (caller === undefined) {
    caller = new Caller(person);
    callers.set(person, caller);
  }
  Reflect.set(metadata, callerKey, caller);
}

function callerOf(metadata: Metadata): Person | Refusal {
  const caller: unknown = Reflect.get(metadata, callerKey);
  return caller instanceof Caller
    ? caller.person
    : new Refusal("INTERNAL", "the caller was not established");
}

/** What failed inside is for the log; the caller gets the id that stands there beside it. */
export type ReportFailure = (path: string, error: unknown, requestId: string) => void;

export function unary<Request, Answer>(
  handler: UnaryHandler<Request, Answer>,
  reportFailure: ReportFailure,
): (call: ServerUnaryCall<Decoded<Request>, Answer>, answer: sendUnaryData<Answer>) => void {
  return (call, answer) => {
    const person = callerOf(call.metadata);
    const decoded = call.request;
    if (person instanceof Refusal) {
      answer(statusOf(person));
      return;
    }
    if (decoded.kind === "refused") {
      answer(statusOf(decoded.refusal));
      return;
    }
    void answerWith(handler(decoded.request, person), answer, (error) =>
      internalProblem(call.getPath(), error, reportFailure),
    );
  };
}

async function answerWith<Answer>(
  result: Promise<Answer | Refusal>,
  answer: sendUnaryData<Answer>,
  report: (error: unknown) => Refusal,
): Promise<void> {
  try {
    const value = await result;
    if (value instanceof Refusal) {
      answer(statusOf(value));
    } else {
      answer(null, value);
    }
  } catch (error) {
    answer(statusOf(report(error)));
  }
}

function internalProblem(path: string, error: unknown, reportFailure: ReportFailure): Refusal {
  const requestId = randomUUID();
  reportFailure(path, error, requestId);
  return new Refusal(
    "INTERNAL",
    "something is wrong inside the server; its log says what, and the same call may be tried again",
    { requestId },
  );
}

export function stream<Request, Answer>(
  handler: StreamHandler<Request, Answer>,
  options: { readonly reportFailure: ReportFailure; readonly closing: AbortSignal },
): (call: ServerWritableStream<Decoded<Request>, Answer>) => void {
  return (call) => {
    const person = callerOf(call.metadata);
    const decoded = call.request;
    if (person instanceof Refusal || decoded.kind === "refused") {
      endWith(call, person instanceof Refusal ? person : refusalIn(decoded));
      return;
    }
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    call.once("cancelled", leave);
    call.once("close", leave);
    call.on("error", leave);
    const closing = (): void => {
      endWith(call, new Refusal("SHUTTING_DOWN", "the server is closing; connect again"));
      gone.abort();
    };
    options.closing.addEventListener("abort", closing, { once: true });
    handler(decoded.request, person, outStream(call, gone.signal))
      .catch((error: unknown) => internalProblem(call.getPath(), error, options.reportFailure))
      .then((refusal) => {
        options.closing.removeEventListener("abort", closing);
        if (!gone.signal.aborted) {
          endWith(call, refusal);
        }
        return undefined;
      })
      .catch((error: unknown) => options.reportFailure(call.getPath(), error, randomUUID()));
  };
}

function refusalIn(decoded: Decoded<unknown>): Refusal | undefined {
  return decoded.kind === "refused" ? decoded.refusal : undefined;
}

function endWith<Request, Answer>(
  call: ServerWritableStream<Request, Answer>,
  refusal: Refusal | undefined,
): void {
  if (refusal === undefined) {
    call.end();
  } else {
    call.emit("error", { ...statusOf(refusal), name: "Refused", message: refusal.message });
  }
}

/** Never more than one unread message in memory beyond what the transport buffers. */
function outStream<Request, Answer>(
  call: ServerWritableStream<Request, Answer>,
  signal: AbortSignal,
): OutStream<Answer> {
  return {
    signal,
    get isOpen() {
      return !signal.aborted;
    },
    send: async (answer) => {
      if (signal.aborted) {
        return false;
      }
      if (!call.write(answer)) {
        await drained(call, signal);
      }
      return !signal.aborted;
    },
  };
}

async function drained<Request, Answer>(
  call: ServerWritableStream<Request, Answer>,
  signal: AbortSignal,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      call.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    call.once("drain", done);
    signal.addEventListener("abort", done, { once: true });
  });
}
