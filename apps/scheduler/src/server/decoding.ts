import type {
  ServiceDefinition,
  MethodDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Refusal } from "../mapping/refusal.ts";
import type { Decoded } from "./calls.ts";

/** Largest message of a method, bytes. */
export type MessageBytesMax = (path: string) => number;

/**
 * The same service with requests decoded into a value or a refusal: gRPC itself would answer
 * INTERNAL to bytes that make no message, and knows one size limit for all methods.
 */
export function withDecoding<Service extends UntypedServiceImplementation>(
  service: ServiceDefinition<Service>,
  bytesMaxOf: MessageBytesMax,
): ServiceDefinition {
  const methods = Object.entries<MethodDefinition<unknown, unknown>>(service);
  return Object.fromEntries(
    methods.map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize: (bytes: Buffer): Decoded<unknown> =>
          decode(method, bytes, bytesMaxOf(method.path)),
      },
    ]),
  );
}

function decode(
  method: MethodDefinition<unknown, unknown>,
  bytes: Buffer,
  bytesMax: number,
): Decoded<unknown> {
  if (bytes.length > bytesMax) {
    return {
      kind: "refused",
      refusal: new Refusal(
        "MESSAGE_TOO_LARGE",
        `the message has ${bytes.length} bytes, at most ${bytesMax} are allowed for ${method.path}; send less at a time`,
        { metadata: { allowed_max_bytes: `${bytesMax}` } },
      ),
    };
  }
  try {
    return { kind: "ok", request: method.requestDeserialize(bytes) };
  } catch (error) {
    return {
      kind: "refused",
      refusal: new Refusal(
        "MALFORMED_MESSAGE",
        `the bytes are no message of ${method.path} (${String(error)}); is the client of the same contract?`,
      ),
    };
  }
}
