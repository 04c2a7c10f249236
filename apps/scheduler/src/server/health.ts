import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  type sendUnaryData,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";

/** grpc.health.v1, https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export type ServingStatus = "serving" | "not-serving";

const wireStatus = { serving: 1, "not-serving": 2, "service-unknown": 3 } as const;

interface HealthRequest {
  readonly service: string;
}

interface HealthAnswer {
  readonly status: keyof typeof wireStatus;
}

const definition: ServiceDefinition = {
  check: method("Check", false),
  watch: method("Watch", true),
};

function method(name: string, responseStream: boolean): ServiceDefinition[string] {
  return {
    path: `/grpc.health.v1.Health/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: encodeRequest,
    requestDeserialize: decodeRequest,
    responseSerialize: encodeAnswer,
    responseDeserialize: decodeAnswer,
  };
}

function encodeRequest({ service }: HealthRequest): Buffer {
  const writer = new BinaryWriter();
  return Buffer.from((service === "" ? writer : writer.uint32(10).string(service)).finish());
}

function decodeRequest(bytes: Buffer): HealthRequest {
  const reader = new BinaryReader(bytes);
  let service = "";
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) {
      service = reader.string();
    } else {
      reader.skip(type, field);
    }
  }
  return { service };
}

function encodeAnswer(answer: HealthAnswer): Buffer {
  return Buffer.from(new BinaryWriter().uint32(8).int32(wireStatus[answer.status]).finish());
}

function decodeAnswer(bytes: Buffer): HealthAnswer {
  const reader = new BinaryReader(bytes);
  let value = 0;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) {
      value = reader.int32();
    } else {
      reader.skip(type, field);
    }
  }
  if (value === wireStatus.serving) {
    return { status: "serving" };
  }
  return { status: value === wireStatus["not-serving"] ? "not-serving" : "service-unknown" };
}

/** Says to load balancers and scripts whether calls may be sent. */
export class Health {
  readonly #services: ReadonlySet<string>;
  readonly #watchers = new Set<ServerWritableStream<HealthRequest, HealthAnswer>>();
  #status: ServingStatus = "not-serving";

  /** The services whose health can be asked, all with the same answer; the empty name is the server. */
  constructor(services: readonly string[]) {
    this.#services = new Set(["", ...services]);
  }

  set(serving: ServingStatus): void {
    this.#status = serving;
    for (const watcher of this.#watchers) {
      watcher.write({ status: serving });
    }
  }

  addTo(server: Server): void {
    server.addService(definition, {
      check: (
        call: ServerUnaryCall<HealthRequest, HealthAnswer>,
        answer: sendUnaryData<HealthAnswer>,
      ) => {
        if (this.#services.has(call.request.service)) {
          answer(null, { status: this.#status });
        } else {
          answer({ code: status.NOT_FOUND, details: "no such service" });
        }
      },
      watch: (call: ServerWritableStream<HealthRequest, HealthAnswer>) => {
        this.#watch(call);
      },
    });
  }

  #watch(call: ServerWritableStream<HealthRequest, HealthAnswer>): void {
    if (!this.#services.has(call.request.service)) {
      call.write({ status: "service-unknown" });
      return;
    }
    call.write({ status: this.#status });
    this.#watchers.add(call);
    const leave = (): void => {
      this.#watchers.delete(call);
    };
    call.once("cancelled", leave);
    call.once("close", leave);
    call.on("error", leave);
  }

  /** Ends open watches, which never end by themselves. */
  close(): void {
    this.set("not-serving");
    for (const watcher of this.#watchers) {
      watcher.end();
    }
    this.#watchers.clear();
  }
}
