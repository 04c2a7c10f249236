import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  type DescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import {
  type Server,
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";

/** What server reflection knows: files by name, and the file of each symbol. */
export interface Contract {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly fileOfSymbol: ReadonlyMap<string, string>;
}

/** Reads the descriptor set that was generated with the contract. */
export function readContract(descriptorSet: Uint8Array): Contract {
  const files = new Map<string, Uint8Array>();
  const fileOfSymbol = new Map<string, string>();
  for (const file of fromBinary(FileDescriptorSetSchema, descriptorSet).file) {
    files.set(file.name, toBinary(FileDescriptorProtoSchema, file));
    const name = (local: string): string =>
      file.package === "" ? local : `${file.package}.${local}`;
    for (const service of file.service) {
      fileOfSymbol.set(name(service.name), file.name);
      for (const method of service.method) {
        fileOfSymbol.set(`${name(service.name)}.${method.name}`, file.name);
      }
    }
    for (const { name: enumName } of file.enumType) {
      fileOfSymbol.set(name(enumName), file.name);
    }
    addMessages(file.messageType, name, (symbol) => fileOfSymbol.set(symbol, file.name));
  }
  return { files, fileOfSymbol };
}

function addMessages(
  messages: readonly DescriptorProto[],
  nameOf: (local: string) => string,
  add: (symbol: string) => void,
): void {
  for (const message of messages) {
    const name = nameOf(message.name);
    const inner = (local: string): string => `${name}.${local}`;
    add(name);
    message.enumType.forEach((one) => add(inner(one.name)));
    message.field.forEach((field) => add(inner(field.name)));
    addMessages(message.nestedType, inner, add);
  }
}

type Question =
  | { readonly kind: "file" | "symbol"; readonly name: string }
  | { readonly kind: "services" }
  | { readonly kind: "other" };

interface Asked {
  readonly bytes: Uint8Array;
  readonly question: Question;
}

/** Field numbers of grpc.reflection.v1.ServerReflectionRequest. */
function decodeAsked(bytes: Buffer): Asked {
  const reader = new BinaryReader(bytes);
  let question: Question = { kind: "other" };
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 3 && type === WireType.LengthDelimited) {
      question = { kind: "file", name: reader.string() };
    } else if (field === 4 && type === WireType.LengthDelimited) {
      question = { kind: "symbol", name: reader.string() };
    } else {
      question = field === 7 ? { kind: "services" } : question;
      reader.skip(type, field);
    }
  }
  return { bytes: Uint8Array.from(bytes), question };
}

/** One answer: field numbers of grpc.reflection.v1.ServerReflectionResponse. */
function encodeAnswer(asked: Asked, contract: Contract, services: readonly string[]): Buffer {
  const writer = new BinaryWriter().uint32(18).bytes(asked.bytes);
  const { question } = asked;
  if (question.kind === "services") {
    writer.uint32(50).fork();
    for (const name of services) {
      writer.uint32(10).fork().uint32(10).string(name).join();
    }
    return Buffer.from(writer.join().finish());
  }
  const fileName =
    question.kind === "symbol" ? contract.fileOfSymbol.get(question.name) : fileNamed(question);
  const file = fileName === undefined ? undefined : contract.files.get(fileName);
  if (file === undefined) {
    writer
      .uint32(58)
      .fork()
      .uint32(8)
      .int32(status.NOT_FOUND)
      .uint32(18)
      .string("not found")
      .join();
  } else {
    writer.uint32(34).fork().uint32(10).bytes(file).join();
  }
  return Buffer.from(writer.finish());
}

function fileNamed(question: Question): string | undefined {
  return question.kind === "file" ? question.name : undefined;
}

/** Both names under which clients ask; the messages are the same. */
const versions = ["v1", "v1alpha"] as const;

/** grpc.reflection: lets tools list and call what the server offers without the proto files. */
export function addReflection(
  server: Server,
  contract: Contract,
  services: readonly string[],
): void {
  for (const version of versions) {
    const definition: ServiceDefinition = {
      serverReflectionInfo: {
        path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
        requestStream: true,
        responseStream: true,
        requestSerialize: (asked: Asked) => Buffer.from(asked.bytes),
        requestDeserialize: decodeAsked,
        responseSerialize: (answer: Buffer) => answer,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    };
    server.addService(definition, {
      serverReflectionInfo: (call: ServerDuplexStream<Asked, Buffer>) => {
        call.on("data", (asked: Asked) => {
          if (!call.write(encodeAnswer(asked, contract, services))) {
            call.pause();
            call.once("drain", () => call.resume());
          }
        });
        call.on("end", () => call.end());
        call.on("error", () => call.end());
      },
    });
  }
}
