import { createRequire } from "node:module";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import engine from "@pulumi/pulumi/proto/engine_grpc_pb.js";

/** Free-form data as the engine's messages carry it. */
export type DataMessage = NonNullable<ReturnType<RegisterResourceRequest["getObject"]>>;

/** The messages must be of the very copy that Pulumi's own generated code uses. */
const requireAsPulumi = createRequire(import.meta.resolve("@pulumi/pulumi"));

export function toDataMessage(value: Readonly<Record<string, unknown>>): DataMessage {
  const loaded: unknown = requireAsPulumi("google-protobuf/google/protobuf/struct_pb.js");
  if (!hasStruct(loaded)) {
    throw new Error("google-protobuf has no Struct; did Pulumi change its message library?");
  }
  return loaded.Struct.fromJavaScript(value);
}

function hasStruct(
  loaded: unknown,
): loaded is { readonly Struct: { fromJavaScript: (value: object) => DataMessage } } {
  return typeof loaded === "object" && loaded !== null && "Struct" in loaded;
}

/** The empty answer of calls that answer nothing. */
export type EmptyMessage = ReturnType<typeof engine.EngineService.log.responseDeserialize>;

export function emptyMessage(): EmptyMessage {
  return engine.EngineService.log.responseDeserialize(Buffer.alloc(0));
}
