import type {
  Metadata,
  ServerInterceptingCall,
  ServerInterceptingCallInterface,
  ServerInterceptor,
} from "@grpc/grpc-js";
import type { Authenticate } from "../auth/authenticate.ts";
import type { Person } from "../auth/people.ts";
import { permissionFor, permissionProblem } from "../auth/permissions.ts";
import type { ServerLimits } from "../limits/limits.ts";
import { type Rate, TokenBucket } from "../limits/token-bucket.ts";
import { Refusal } from "../mapping/refusal.ts";
import { statusOf } from "../mapping/status.ts";
import { CallTimer, type TimedCall } from "./call-timer.ts";
import { rememberCaller } from "./calls.ts";
import { GuardedCall } from "./guarded-call.ts";

export interface GuardOptions {
  readonly authenticate: Authenticate;
  readonly limits: ServerLimits;
  /** Calls a person may make. */
  readonly rateOf: (person: Person) => Rate;
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** Decides before a byte of the message is read whether a call may go on, and how long it may take. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #timer: CallTimer;
  #inFlightCount = 0;
  #phase: "starting" | "open" | "closing" = "starting";

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#timer = new CallTimer(options.limits.callMsMax, options.nowMs);
  }

  /** The state is restored: calls may come in. */
  open(): void {
    this.#phase = "open";
  }

  /** From now on new calls are told to go elsewhere. */
  close(): void {
    this.#phase = "closing";
  }

  /** The type asks for grpc-js's own wrapper of a call; its server takes any call. */
  readonly interceptor: ServerInterceptor = (method, call) => {
    const path = method.path;
    const needsCaller = permissionFor(path) !== "anybody";
    let timed: TimedCall | undefined;
    let isOver = false;
    const finish = (): boolean => {
      if (isOver) {
        return false;
      }
      isOver = true;
      this.#inFlightCount -= 1;
      this.#timer.remove(timed);
      return true;
    };
    const refuse = (refusal: Refusal): void => {
      if (finish()) {
        call.sendStatus(statusOf(refusal));
      }
    };
    const admit = (metadata: Metadata): boolean => {
      const refusal = needsCaller ? this.#admit(path, metadata) : undefined;
      if (refusal !== undefined) {
        refuse(refusal);
        return false;
      }
      return true;
    };
    this.#inFlightCount += 1;
    if (!method.responseStream) {
      timed = this.#timer.add(() => refuse(tooLong(this.#options.limits.callMsMax)));
    }
    const guarded: ServerInterceptingCallInterface = new GuardedCall(call, { admit, finish });
    // eslint-disable-next-line typescript/no-unsafe-type-assertion -- grpc-js only calls the methods of the interface
    return guarded as ServerInterceptingCall;
  };

  #admit(path: string, metadata: Metadata): Refusal | undefined {
    if (this.#phase !== "open") {
      const reason = this.#phase === "starting" ? "STARTING" : "SHUTTING_DOWN";
      return new Refusal(reason, `the server is ${this.#phase}; try again`, {
        retryAfterMs: 1_000,
      });
    }
    if (this.#inFlightCount > this.#options.limits.callsInFlightMax) {
      return new Refusal("OVERLOADED", "too many calls are in flight; try again", {
        retryAfterMs: 500,
      });
    }
    const tooLarge = metadataProblem(metadata, this.#options.limits.metadataBytesMax);
    if (tooLarge !== undefined) {
      return tooLarge;
    }
    const header = metadata.get("authorization")[0];
    const person = this.#options.authenticate(typeof header === "string" ? header : undefined);
    if (person instanceof Refusal) {
      return person;
    }
    const problem = permissionProblem(path, person) ?? this.#tooFast(person);
    if (problem === undefined) {
      rememberCaller(metadata, person);
    }
    return problem;
  }

  #tooFast(person: Person): Refusal | undefined {
    const nowMs = this.#options.nowMs();
    let bucket = this.#buckets.get(person.name);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#options.rateOf(person), nowMs);
      this.#buckets.set(person.name, bucket);
    }
    const retryAfterMs = bucket.take(nowMs);
    return retryAfterMs === 0
      ? undefined
      : new Refusal(
          "RATE_EXCEEDED",
          `${person.name} makes more than ${bucket.rate.callsPerSecond} calls a second; wait ${retryAfterMs} ms, or send more jobs in one call`,
          { retryAfterMs, metadata: { person: person.name } },
        );
  }
}

/** HTTP/2 itself stops at 64 KiB; this is the limit of Ertis. */
function metadataProblem(metadata: Metadata, bytesMax: number): Refusal | undefined {
  const values = metadata.getMap();
  let bytes = 0;
  for (const name in values) {
    bytes += name.length + (values[name]?.length ?? 0) + 32;
  }
  return bytes > bytesMax
    ? new Refusal(
        "METADATA_TOO_LARGE",
        `the metadata has ${bytes} bytes, at most ${bytesMax} are allowed; send less`,
      )
    : undefined;
}

function tooLong(callMsMax: number): Refusal {
  return new Refusal(
    "CALL_TOO_LONG",
    `the call took longer than ${callMsMax} ms; it may still take effect, the same request ids give its answer`,
  );
}
