import type {
  MethodDefinition,
  Server,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  type ReportFailure,
  stream,
  type StreamHandler,
  unary,
  type UnaryHandler,
} from "./calls.ts";
import { withDecoding, type MessageBytesMax } from "./decoding.ts";

type RequestOf<Method> = Method extends {
  readonly requestDeserialize: (bytes: Buffer) => infer Request;
}
  ? Request
  : never;

type AnswerOf<Method> = Method extends {
  readonly responseDeserialize: (bytes: Buffer) => infer Answer;
}
  ? Answer
  : never;

/** One handler for each method of a generated service: a missing or a wrong one does not compile. */
export type Handlers<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends { readonly responseStream: true }
    ? StreamHandler<RequestOf<Service[Name]>, AnswerOf<Service[Name]>>
    : UnaryHandler<RequestOf<Service[Name]>, AnswerOf<Service[Name]>>;
};

export interface ImplementOptions {
  readonly bytesMaxOf: MessageBytesMax;
  readonly reportFailure: ReportFailure;
  /** Aborted when open streams have to end. */
  readonly closing: AbortSignal;
  /** Put around every stream, for example to count them. */
  readonly aroundStream: <Request, Answer>(
    handler: StreamHandler<Request, Answer>,
  ) => StreamHandler<Request, Answer>;
}

/** Puts a service with its handlers on a server. */
export function implement<Service extends ServiceDefinition>(
  server: Server,
  service: Service,
  handlers: Handlers<Service>,
  options: ImplementOptions,
): void {
  const implementation: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries<MethodDefinition<unknown, unknown>>(service)) {
    // `Handlers` has a handler for each name; going through them by name loses which is which.
    const handler: unknown = Reflect.get(handlers, name);
    implementation[name] = method.responseStream
      ? // eslint-disable-next-line typescript/no-unsafe-type-assertion -- the kind follows from responseStream
        stream(options.aroundStream(handler as StreamHandler<unknown, unknown>), options)
      : // eslint-disable-next-line typescript/no-unsafe-type-assertion -- the kind follows from responseStream
        unary(handler as UnaryHandler<unknown, unknown>, options.reportFailure);
  }
  server.addService(withDecoding(service, options.bytesMaxOf), implementation);
}
