import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * File with the `google.protobuf.FileDescriptorSet` of everything the server offers: ertis.v1,
 * ertis.simulation.v1 and the google.rpc error details, with all their imports.
 */
export const descriptorSetPath: string = fileURLToPath(
  new URL("../descriptors.binpb", import.meta.url),
);

/**
 * The bytes of that file, as `loadFileDescriptorSetFromBuffer` of `@grpc/proto-loader` takes them for
 * server reflection. Read on each call: a server needs them once.
 */
export function readDescriptorSet(): Buffer {
  return readFileSync(descriptorSetPath);
}
